/** A made-up mine and bureau to try the screens with. `?fake=<who>` opens one person at once; `?fake` begins locked. */
import type { FormDefinition } from '@/forms/types'
import { takePicture } from '@/shared/image'
import { day, stamp } from '@/shared/when'
import type { Strokes } from '@/shared/strokes'
import type { Card, HazardEventRow, HazardRow, Me, Ports, SignatureRecord, TaskRow } from '../ports'
import { driller, long, scaler, spotCheck } from './forms'
import { fakePorts, type Seed } from './store'

const MINE = 'mine-1'
const hours = (n: number) => stamp(new Date(Date.now() + n * 3_600_000))
const me = (id: string, name: string, role: string, scope = `mine:${MINE}`, certificate_no: string | null = null): Me => ({ id, name, certificate_no, grants: [{ role, scope }] })

const PEOPLE = {
  driller: { me: me('u-driller', '测试甲', 'worker'), note: '凿岩工、撬毛支护工 · 掘进一班' },
  leader: { me: me('u-leader', '测试乙', 'team_leader'), note: '班组长 · 掘进一班' },
  safety: { me: me('u-safety', '测试丙', 'safety_officer'), note: '安全员 · 安环部' },
  director: { me: me('u-director', '测试丁', 'safety_director'), note: '安全总监' },
  officer: { me: me('u-officer', '测试戊', 'inspector', 'jurisdiction:1', '演示执-001'), note: '执法人员 · 演示县应急管理局' },
  colleague: { me: me('u-colleague', '测试己', 'inspector', 'jurisdiction:1', '演示执-002'), note: '执法人员 · 演示县应急管理局' },
}

const card = (id: string, title: string, emergency: boolean, parts: Record<string, string[]>): Card => ({
  id, key: id, title: { zh: title }, emergency, parts: Object.entries(parts).map(([zh, steps]) => ({ title: { zh }, stop: zh === '严禁', steps: steps.map((step) => ({ zh: step })) })),
})

const STROKES: Strokes = { viewbox: [2000, 900], strokes: [[[300, 500, 0], [500, 250, 60], [640, 620, 120], [820, 300, 190], [1000, 560, 260], [1400, 380, 330]]] }
const ink = (name: string): SignatureRecord => ({ role: 'safety_officer', name, at: hours(-20), hash: 'sha256:0', strokes: STROKES })

/** Everything is due in the made-up mine. */
const FORMS: Record<string, FormDefinition> = { 'f-ug01': driller, 'f-ug03': scaler, 'f-long': long, 'f-spot': spotCheck }
const itemsOf = (form: string) => FORMS[form]!.sections.flatMap(({ items }) => items.map(({ id }) => id))

const task = (id: string, form: string, post: string, due: number, person = 'u-driller'): TaskRow => ({ id, ver: 1, mine: MINE, person, place: 'p-1', post, form, asked: itemsOf(form), shift: '早班', opens_at: hours(-1), due_at: hours(due), state: 'open' })

const WAY = ['reported', 'confirmed', 'assigned', 'rectifying', 'rectified', 'verified', 'closed']
const ACTS = ['report', 'confirm', 'assign', 'start', 'rectify', 'verify', 'close']
const DOER: [string, string][] = [['u-driller', '测试甲'], ['u-safety', '测试丙'], ['u-leader', '测试乙'], ['u-driller', '测试甲'], ['u-driller', '测试甲'], ['u-leader', '测试乙'], ['u-safety', '测试丙']]

/** A hazard that has come as far as `state`, with the events that led there. */
function hazard(id: string, what: string, state: string, photo: string, more: Partial<HazardRow> = {}): { row: HazardRow; events: HazardEventRow[] } {
  const far = WAY.indexOf(state)
  const plan = { person: 's-driller', measures: '补打锚杆两根，重新喷浆', deadline: hours(far === 3 ? -3 : 30) }
  const row: HazardRow = {
    id, ver: far + 1, mine: MINE, place: 'p-1', where: '-420 m 3 号掘进工作面', what, severity: 'general', suspected_major: false, major_ref: null,
    basis: [{ code: 'GB 16423-2020', clause: '6.2.7.2', verified: true }], told: 'team_leader', found_by: 'mine', state, reporter: 'u-driller',
    submission: null, item: null, visit: null, reported_at: hours(-40), plan: far >= 2 ? plan : {}, photos: [photo], photos_after: far >= 4 ? [photo] : [],
    doers: Object.fromEntries(ACTS.slice(0, far + 1).map((act, i) => [act, DOER[i]![0]])), ...more,
  }
  const events = WAY.slice(0, far + 1).map((to, i): HazardEventRow => ({
    id: `${id}-e${i}`, ver: 1, hazard: id, act: ACTS[i]!, from: WAY[i - 1] ?? null, to, by: DOER[i]![0], by_name: DOER[i]![1], at_device: hours(-40 + i * 5), at_corrected: hours(-40 + i * 5), at_server: hours(-38 + i * 5),
    evidence: { ...(i === 0 && { photos: [photo] }), ...(i === 2 && plan), ...(i === 6 && { signature: ink('测试丙') }) },
  }))
  return { row, events }
}

/** A picture of a drift, more or less: enough to see an overlay. */
async function picture(word: string) {
  const canvas = new OffscreenCanvas(1600, 1200)
  const pen = canvas.getContext('2d')!
  pen.fillStyle = '#4a4036'
  pen.fillRect(0, 0, 1600, 1200)
  pen.fillStyle = '#1a1612'
  pen.beginPath()
  pen.ellipse(800, 700, 480, 420, 0, 0, 7)
  pen.fill()
  pen.fillStyle = '#ffe600'
  pen.font = '90px sans-serif'
  pen.fillText(word, 520, 240)
  return takePicture(canvas)
}

async function seed(who: string): Promise<Seed> {
  const before = await picture('浮石 -420 m')
  const found = [
    hazard('h-1', '顶板有浮石，长约 1.2 m', 'reported', before.sha),
    hazard('h-2', '局部通风机电缆破皮', 'confirmed', before.sha),
    hazard('h-3', '支护滞后工作面 4 m', 'assigned', before.sha),
    hazard('h-4', '排水沟堵塞，巷道积水', 'rectifying', before.sha),
    hazard('h-5', '灭火器压力不足', 'rectified', before.sha),
    hazard('h-6', '照明不足', 'verified', before.sha),
    hazard('h-7', '安全出口标志脱落', 'closed', before.sha),
    hazard('h-8', '采空区未及时封闭', 'confirmed', before.sha, { severity: 'major', suspected_major: true }),
  ]
  const team = [PEOPLE.officer, PEOPLE.colleague].map(({ me: { id, name, certificate_no } }) => ({ user: id, name, certificate_no, certificate_until: hours(24 * 300) }))
  const block = (kind: string, word: string, next: number) => ({ id: `b-${kind}`, ver: 1, kind, year: Number(day(new Date()).slice(0, 4)), pattern: `（演示）${word}〔{year}〕{n}号`, first: 1, last: 20, next })
  const opened = Object.keys(PEOPLE).includes(who) ? PEOPLE[who as keyof typeof PEOPLE].me : null
  return {
    open: opened,
    people: Object.values(PEOPLE).map(({ me: one, note }) => ({ me: one, user: { id: one.id, name: one.name, note, unsent: one.id === 'u-leader' ? 2 : 0 } })),
    blobs: new Map([[before.sha, before.bytes]]),
    rows: {
      form: Object.entries(FORMS).map(([id, definition]) => ({ id, ver: 1, key: definition.key, kind: definition.kind, definition, retired: false, base: null, number: 1, published_at: hours(-200), recalled: null })),
      task: [task('t-1', 'f-ug01', 'UG01', 2.25), task('t-2', 'f-ug03', 'UG03', 2.25), task('t-long', 'f-long', 'PATROL', 30, 'u-leader')],
      place: [
        { id: 'p-1', ver: 1, mine: MINE, name: '-420 m 3 号掘进工作面', code: 'KJ-P-420-3', phones_banned: false },
        { id: 'p-2', ver: 1, mine: MINE, name: '-420 m 东采场', code: 'KJ-P-420-E', phones_banned: false },
        { id: 'p-3', ver: 1, mine: MINE, name: '爆破器材发放点', code: 'KJ-P-BLAST', phones_banned: true },
      ],
      person: Object.entries(PEOPLE).slice(0, 4).map(([key, { me: one, note }]) => ({ id: `s-${key}`, ver: 1, user: one.id, mine: MINE, name: one.name, title: note.split(' · ')[0]!, team: note.split(' · ')[1] ?? '', posts: key === 'driller' ? ['UG01', 'UG03'] : [] })),
      mine: [{ id: MINE, ver: 1, name: '演示铁矿', kind: 'underground', address: '演示县演示镇', legal_person: '测试庚', legal_person_position: '总经理', phone: '000-0000', dispatch_phone: '000-8119', parameters: {} }],
      bureau: [{ id: 'bureau-1', ver: 1, name: '演示县应急管理局', abbr: '演示', remedies: {} }],
      hazard: found.map(({ row }) => row),
      hazard_event: found.flatMap(({ events }) => events),
      visit: !opened?.certificate_no ? [] : [{ id: 'v-1', ver: 1, kind: 'unannounced', mine: MINE, form: 'f-spot', submission: 'vs-1', state: 'prepared', team, purpose: '汛前“四不两直”检查', opened_at: null, explained_at: null, place: null, representative: {} }],
      submission: !opened?.certificate_no ? [] : [{ id: 'vs-1', ver: 1, task: null, visit: 'v-1', person: 'u-officer', mine: MINE, form: 'f-spot', post: null, limits: {}, asked: null, answers: {}, kept: {}, state: 'draft', opened_at: hours(-30), signed_at: null, signatures: {} }],
      number_block: [block('inspection_record', '应急检记', 12), block('rectify_order', '应急责改', 9)],
    },
    board: {
      phones: [{ name: { zh: '调度室', en: 'Dispatch' }, number: '000-8119' }, { name: { zh: '矿山救护队', en: 'Mine rescue' }, number: '000-8120' }],
      cards: [
        card('c-1', '凿岩工应急处置卡', true, { 这些征兆要当真: ['检测仪报警', '头晕、四肢无力'], 先做这些: ['立即停止作业，佩戴自救器', '沿新鲜风流方向撤离'], 报告: ['到达安全地点后向调度室报告人数'], 严禁: ['严禁盲目进入抢救'] }),
        card('c-2', '凿岩工操作卡', false, { 作业前: ['先通风、测气、敲帮问顶'], 作业中: ['湿式凿岩'], 作业后: ['清理工具，交班'] }),
      ],
      lists: [
        { person: 'u-driller', person_name: '测试甲', title: driller.title, due_at: hours(2.25), done: false },
        { person: 'u-leader', person_name: '测试乙', title: long.title, due_at: hours(30), done: true },
      ],
    },
    conflicts: [{ id: 'x-1', entity: 's-1', title: driller.title.zh, field: '工作面一氧化碳浓度', shown: { text: '不合格 · 31', by: '测试乙', at: hours(-4), photos: [] }, other: { text: '合格 · 18', by: '测试甲', at: hours(-5), photos: [] } }],
    rejected: [{ id: 'r-1', title: '撬毛支护工岗位风险管控措施清单', at: hours(-26), problem: { code: 'submission.not_yours', zh: '这份清单由他人填写，您不能更改。', en: 'Somebody else fills this list; you cannot change it.' } }],
  }
}

export const openFake = async (who: string): Promise<Ports> => fakePorts(await seed(who))
