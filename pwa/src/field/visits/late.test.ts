// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest'
import { nextTick, type Component } from 'vue'
import { fakePorts, type Seed } from '../fake/store'
import type { Conflict, DocumentRow, HazardRow, Representative, SubmissionRow, VisitRow } from '../ports'
import { mount, type Mounted } from '../testing'
import cases from './drafts.json'
import EndScreen from './EndScreen.vue'
import PaperScreen from './PaperScreen.vue'
import VisitScreen from './VisitScreen.vue'

const [kase] = cases as unknown as { visit: VisitRow; mine: never; bureau: never; hazards: HazardRow[] }[]
const early = { ...kase!.hazards[0]!, id: 'early', what: '安全出口标志脱落' }
const late = { ...early, id: 'late', what: '局部通风机停运', reporter: 'u2', reported_at: '2026-03-02T12:10:00+08:00' }
const me = { id: 'u1', name: '陶示范', certificate_no: 'YS-0001', grants: [] }
const representative = { ...(kase!.visit.representative as Representative), name: '陈现场' }
const supplement = { at: '2026-03-02T16:00:00+08:00', by: 'u2', findings: ['late'], representative }
const paper = (id: string, number: string, cites: string[], kind = 'inspection_record') => ({ id, ver: 1, kind, number, mine: 'm', visit: 'v', state: 'issued', data: {}, data_hash: '', issued_at: '', pdf: 'sha256:1', pages: 1, cites, supersedes: null }) as DocumentRow
const block = (kind: string) => ({ id: kind, ver: 1, kind, year: 2026, pattern: '（演示）〔{year}〕{n}号', first: 1, last: 20, next: 5 })

let page: Mounted
async function show(screen: Component, props: object, more: Partial<VisitRow>, document: DocumentRow[] = [], conflicts: Conflict[] = [], said?: SubmissionRow['said']) {
  const sheet = { id: 's', ver: 1, task: null, visit: 'v', person: 'u1', mine: 'm', form: 'f', post: null, limits: {}, asked: null, answers: {}, kept: {}, state: 'signed' as const, opened_at: '', signed_at: '', signatures: {}, ...(said && { said }) }
  const rows = { visit: [{ ...kase!.visit, ...more }], mine: [kase!.mine], bureau: [kase!.bureau], hazard: [early, late], submission: [sheet], document, number_block: [block('inspection_record'), block('rectify_order')] }
  const seed: Seed = { rows, people: [], open: me, board: { cards: [], phones: [], lists: [] }, conflicts, rejected: [], blobs: new Map() }
  page = mount(screen, { id: 'v', ...props }, fakePorts(seed))
  for (let i = 0; i < 8; i++) await nextTick()
}
const text = () => page.root.textContent!.replace(/\s+/g, ' ')
afterEach(() => page.close())

describe('a finding that came after the explanation', () => {
  it('is shown as such, with who found it and when, and is to be told by itself', async () => {
    await show(EndScreen, {}, { findings: ['early'] })
    const [section] = page.all('section[aria-label="告知后又到 1 条"]')
    expect(section!.textContent).toContain('局部通风机停运')
    expect(section!.textContent).toContain('姜示范 03-02 12:10 发现')
    expect(section!.textContent).not.toContain('安全出口标志脱落')
    expect(page.button('补充告知，请现场负责人签字').disabled).toBe(true) // nobody has been named yet
  })
  it('is told of on the visit itself, on the way to where it is told', async () => {
    await show(VisitScreen, {}, { findings: ['early'] })
    expect(page.all<HTMLAnchorElement>('a.notice').map((link) => [link.textContent!.trim(), link.hash || link.pathname])).toEqual([['告知后又到 1 条', '/visits/v/end']])
  })
  it('has papers of its own once it is told, beside those of the explanation', async () => {
    await show(EndScreen, {}, { findings: ['early'], supplements: [supplement] }, [paper('a', '2号', ['early']), paper('b', '3号', ['early'])])
    expect(page.all('section[aria-label]')).toEqual([])
    const links = page.all<HTMLAnchorElement>('a.card').filter((link) => link.pathname.includes('/papers/'))
    expect(links.map((link) => link.textContent!.replace(/\s+/g, ' ').trim())).toEqual([
      '现场检查记录2号3号',
      '责令限期整改指令书余 16 个号',
      '现场检查记录（补充）余 16 个号',
      '责令限期整改指令书（补充）余 16 个号',
    ])
    expect(text()).toContain('陈现场')
  })
})

describe('a supplementary paper', () => {
  const told = { findings: ['early'], supplements: [supplement] }
  it('names the record that it adds to and tells of the late findings only', async () => {
    await show(PaperScreen, { kind: 'inspection_record', telling: 1 }, told, [paper('a', '2号', ['early'])])
    const preview = page.find('article.paper').textContent
    expect(preview).toContain('现场检查记录（补充）')
    expect(preview).toContain('系对2号《现场检查记录》的补充')
    expect(preview).toContain('局部通风机停运')
    expect(preview).not.toContain('安全出口标志脱落')
    expect(preview).toContain('陈现场')
  })
  it('waits for the record that it adds to', async () => {
    await show(PaperScreen, { kind: 'rectify_order', telling: 1 }, told)
    expect(text()).toContain('请先签发该记录')
    expect(page.all('article.paper')).toEqual([])
  })
  it('does not stand in the way of the first, nor the first in its', async () => {
    await show(PaperScreen, { kind: 'inspection_record', telling: 0 }, told, [paper('b', '22号', ['late'])])
    expect(page.find('article.paper').textContent).toContain('安全出口标志脱落')
  })
})

describe('an open conflict', () => {
  const conflict = (entity: string): Conflict => ({ id: 'c', entity, title: '通风检查', field: '风速', shown: { text: '', by: null, at: null } as Conflict['shown'], other: null })
  it.each(['s', 'early'])('on what a paper would cite (%s) is settled before a number is taken', async (entity) => {
    await show(PaperScreen, { kind: 'inspection_record', telling: 0 }, { findings: ['early'] }, [], [conflict(entity)])
    expect(text()).toContain('“通风检查”的“风速”有两种说法，文书不能引用')
    expect(page.button('去处理冲突')).toBeTruthy()
    expect(page.all('button').map((button) => button.textContent)).not.toContain('全部签字后才能签发')
    expect(page.all('article.paper')).toEqual([])
  })
  it('on something else does not stop the paper', async () => {
    await show(PaperScreen, { kind: 'inspection_record', telling: 0 }, { findings: ['early'] }, [], [conflict('late')])
    expect(page.all('article.paper')).toHaveLength(1)
  })
})

describe('an item of which the team says different things', () => {
  const said = { a: { u1: { result: 'pass' as const, by: 'u1' }, u2: { result: 'fail' as const, by: 'u2' } } }
  it('is spoken of before anybody signs, on the way to where they can agree', async () => {
    for (const [screen, props] of [[EndScreen, {}], [PaperScreen, { kind: 'inspection_record', telling: 0 }], [VisitScreen, {}]] as const) {
      await show(screen, props, { findings: ['early', 'late'] }, [], [], said)
      expect(page.all('a.notice').map((note) => note.textContent)).toEqual([expect.stringContaining('说法不一 1 项')])
      page.close()
    }
    await show(EndScreen, {}, { findings: ['early', 'late'] }, [], [], { a: { u1: said.a.u1 } })
    expect(page.all('a.notice')).toEqual([])
  })
})
