// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest'
import { nextTick, shallowRef } from 'vue'
import { spotCheck } from '../fake/forms'
import { fakePorts, type Seed } from '../fake/store'
import { PortError, type ColleaguePart, type FormRow, type SubmissionRow, type TeamStore, type VisitRow } from '../ports'
import { mount, type Mounted } from '../testing'
import TeamScreen from './TeamScreen.vue'

const me = { id: 'u1', name: '陶示范', certificate_no: 'YS-0001', grants: [] }
const team = [{ user: 'u1', name: '陶示范', certificate_no: 'YS-0001', certificate_until: null }, { user: 'u2', name: '姜示范', certificate_no: 'YS-0002', certificate_until: null }]
const at = (time: string) => `2026-03-02T${time}:00.000+08:00`
const part: ColleaguePart = { user: 'u2', code: '9B14-02E7-C5D3', at: at('10:32'), items: 12, hazards: 3, signed: true }
const ITEM = spotCheck.sections[0]!.items[0]!

let page: Mounted
async function show({ props = {}, said = {}, ...more }: Partial<TeamStore> & { props?: object; said?: SubmissionRow['said'] } = {}) {
  const visit = { id: 'v', ver: 1, kind: '', mine: 'm', form: 'f', submission: 's', state: 'opened', team, purpose: '', opened_at: at('09:00'), explained_at: null, place: null, representative: {} } as VisitRow
  const sheet = { id: 's', ver: 1, task: null, visit: 'v', person: 'u1', mine: 'm', form: 'f', post: null, limits: {}, asked: null, answers: {}, said, kept: {}, state: 'draft', opened_at: '', signed_at: null, signatures: {} } as SubmissionRow
  const form = { id: 'f', ver: 1, key: 'spot_check', kind: 'spot_check', definition: spotCheck, retired: false, base: null, number: 1, published_at: '', recalled: null } as FormRow
  const seed: Seed = { rows: { visit: [visit], submission: [sheet], form: [form] }, people: [], open: me, board: { cards: [], phones: [], lists: [] }, conflicts: [], rejected: [], blobs: new Map() }
  const ports = fakePorts(seed)
  Object.assign(ports.store.team, { parts: () => shallowRef([part]), ...more })
  page = mount(TeamScreen, { id: 'v', ...props }, ports)
  await settled()
}
async function settled() {
  for (let i = 0; i < 12; i++) await nextTick()
}
const text = () => page.root.textContent!.replace(/\s+/g, ' ')
async function reads(file: string) {
  const input = page.find<HTMLInputElement>('input[type=file]')
  Object.defineProperty(input, 'files', { value: [new File([file], 'part.txt')], configurable: true })
  input.dispatchEvent(new Event('change'))
  await new Promise((done) => setTimeout(done))
  await settled()
}
afterEach(() => page.close())

describe('the team of a visit', () => {
  it('shows of each what of his is on this phone', async () => {
    await show()
    expect(text()).toContain('已收到 03-02 10:32 的部分：12 项，3 个问题')
    expect(text()).toContain('已签字确认检查表')
    expect(text()).toContain('校验码 9B14-02E7-C5D3')
    expect(text()).toContain('各人说法一致')
    page.close()
    await show({ parts: () => shallowRef([]), joined: () => shallowRef(false) })
    expect(text()).toContain('还没有收到他的部分')
    expect(text()).toContain('本机还没有这次检查的密钥')
  })

  it('lists on what they differ, the gravest first, with who and when', async () => {
    await show({ said: { [ITEM.id]: { u1: { result: 'pass', at: at('10:00') }, u2: { result: 'fail', note: '照度不足', at: at('10:05') } } } })
    expect(text()).toContain('说法不一 1 项')
    expect(page.find('.sides').textContent!.replace(/\s+/g, ' ')).toMatch(/姜示范.*不合格 · 照度不足.*03-02 10:05.*陶示范.*合格.*03-02 10:00/)
  })

  it('says so when the colleague works by another version of the checklist', async () => {
    await show({ props: { form: 'other' } })
    expect(text()).toContain('检查表版本与本机不同')
    page.close()
    await show({ props: { form: 'f' } })
    expect(text()).not.toContain('检查表版本与本机不同')
  })

  it('takes a part without a certificate only with the code that its author reads out', async () => {
    const given: (string | undefined)[] = []
    await show({
      receive: async (_, __, code) => {
        given.push(code)
        if (code !== '9B14') throw new PortError({ code: 'part.uncertified', zh: '它没有有效的签名证书', en: '' })
        return { user: 'u2', at: at('10:40'), fresh: true, carried: 2 }
      },
    })
    await reads('part')
    expect(page.find('[role=alert]').textContent).toContain('它没有有效的签名证书')
    const input = page.find<HTMLInputElement>('form input')
    input.value = '9B14'
    input.dispatchEvent(new Event('input'))
    await nextTick()
    page.find('form').dispatchEvent(new Event('submit'))
    await settled()
    expect(given).toEqual([undefined, '9B14'])
    expect(text()).toContain('已收到姜示范 03-02 10:40 的部分')
    expect(text()).toContain('另有 2 包他未上传的记录由本机代交')
    expect(page.all('form')).toEqual([])
  })

  it('says that an older part changed nothing', async () => {
    await show({ receive: async () => ({ user: 'u2', at: at('10:20'), fresh: false, carried: 0 }) })
    await reads('part')
    expect(text()).toContain('姜示范的这一部分（03-02 10:20）本机已有，或已有更新的')
  })
})
