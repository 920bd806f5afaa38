/** Two officers' phones underground, by the operations that the app really has. */
import { describe, expect, it } from 'vitest'
import type { Answer } from '@/forms/types'
import type { Act, Get, Put, Row } from '@/sync'
import type { SubmissionRow, VisitRow } from './ports'
import { differing } from './said'
import { operations } from './wiring/operations'

const [TAO, JIANG] = ['tao', 'jiang']
const at = (time: string) => `2026-03-02T${time}:00.000+08:00`
const report = { mine: 'm', place: null, where: '面', what: '浮石', suspected_major: false, major_ref: null, basis: [], told: null, submission: 's', item: 'a', visit: 'v', photos: [], reported_at: at('10:00') }

/** What Tao's phone shows: rows of the server, and acts laid over them. */
function phone() {
  const rows = new Map<string, Row>()
  const get: Get = (collection, id) => rows.get(`${collection}/${id}`)
  const put = ({ collection, row }: Put) => void rows.set(`${collection}/${row.id}`, row)
  const team = [TAO, JIANG].map((user) => ({ user, name: user, certificate_no: '1', certificate_until: null }))
  put({ collection: 'visit', row: { id: 'v', ver: 1, submission: 's', state: 'opened', team } as unknown as Row })
  put({ collection: 'submission', row: { id: 's', ver: 1, visit: 'v', state: 'draft', answers: {}, signatures: {} } as unknown as Row })
  const act = (op: string, entity: string, args: object): Act => ({ id: 'x', op, entity, base: null, args: args as never, blobs: [], ms: 0, wall: at('10:00'), mono_ms: 0, boot: '', barrier: false })
  return {
    get, put, act,
    sheet: () => get('submission', 's') as unknown as SubmissionRow,
    /** part: it came in a colleague's part. */
    does: (op: string, entity: string, args: object, id = TAO, part = false) => operations[op]!.effect(act(op, entity, args), get, { id, name: id, part }).forEach(put),
  }
}
const says = (by: string, result: Answer['result'], time: string, more: Answer = {}) => ({ answers: { a: { result, by, at: at(time), ...more } as Answer } })

describe('what two officers say of one item', () => {
  it('is kept of both, and the graver stands, whoever was first and whoever has the last word', () => {
    for (const [his, mine, stands] of [['fail', 'pass', 'fail'], ['pass', 'fail', 'fail'], ['na', 'pass', 'pass'], ['fail', 'na', 'fail']] as const) {
      for (const hisTime of ['09:00', '11:00']) {
        const here = phone()
        here.does('submission.answer@1', 's', says(JIANG, his, hisTime), JIANG, true)
        here.does('submission.answer@1', 's', says(TAO, mine, '10:00'))
        expect(here.sheet().answers.a!.result, `${his} and ${mine}`).toBe(stands)
        expect(differing(here.sheet()).get('a')!.map(({ by, answer }) => [by, answer.result])).toEqual(
          stands === his ? [[JIANG, his], [TAO, mine]] : [[TAO, mine], [JIANG, his]],
        )
      }
    }
  })

  it('differs no more once one of them agrees', () => {
    const here = phone()
    here.does('submission.answer@1', 's', says(JIANG, 'fail', '09:00'), JIANG, true)
    here.does('submission.answer@1', 's', says(TAO, 'pass', '10:00'))
    here.does('submission.answer@1', 's', says(TAO, 'fail', '10:05'))
    expect([here.sheet().answers.a!.result, differing(here.sheet()).size]).toEqual(['fail', 0])
    here.does('submission.answer@1', 's', { answers: { a: null } })
    expect([here.sheet().answers.a!.by, differing(here.sheet()).size]).toEqual([JIANG, 0])
  })

  it('differs by the reading too', () => {
    const here = phone()
    here.does('submission.answer@1', 's', { answers: { a: { value: 31, by: JIANG, at: at('09:00') } } }, JIANG, true)
    here.does('submission.answer@1', 's', { answers: { a: { value: 18, by: TAO, at: at('10:00') } } })
    expect(differing(here.sheet()).get('a')!.map(({ answer }) => answer.value)).toEqual([31, 18])
  })

  it('stands beside what the server has of my own', () => {
    const here = phone()
    here.does('submission.answer@1', 's', says(TAO, 'pass', '08:00'))
    expect(here.sheet().said).toBeUndefined()
    here.does('submission.answer@1', 's', says(JIANG, 'fail', '09:00'), JIANG, true)
    expect(differing(here.sheet()).get('a')!.map(({ by }) => by)).toEqual([JIANG, TAO])
  })

  it('leaves the last word on the other items to him who taps', () => {
    const here = phone()
    here.put({ collection: 'submission', row: { ...here.sheet(), answers: { a: { result: 'fail', by: JIANG, at: at('09:00') } } } as unknown as Row })
    here.does('submission.answer@1', 's', says(TAO, 'pass', '10:00'))
    expect([here.sheet().answers.a!.result, here.sheet().said]).toEqual(['pass', undefined])
  })
})

describe('a part', () => {
  it('is of a visit that is on this phone', () => {
    const here = phone()
    const visit = (op: string, entity: string, args: object) => operations[op]!.team?.(here.act(op, entity, args), here.get)
    expect(visit('submission.answer@1', 's', says(TAO, 'pass', '10:00'))).toBe('v')
    expect(visit('submission.sign@1', 'other', {})).toBeNull()
    expect(visit('hazard.report@1', 'h', report)).toBe('v')
    expect(visit('hazard.report@1', 'h', { ...report, visit: 'elsewhere' })).toBeNull()
    expect(visit('hazard.report@1', 'h', { ...report, visit: null })).toBeNull()
    here.does('hazard.report@1', 'h', report, JIANG, true)
    expect(visit('hazard.move@1', 'h', {})).toBe('v')
    expect(['open', 'explain', 'supplement', 'close', 'cancel'].map((act) => visit('visit.move@1', 'v', { act }))).toEqual(['v', 'v', 'v', null, null])
    for (const op of ['document.issue@1', 'submission.begin@1']) expect(operations[op]!.team).toBeUndefined()
  })

  it('shows a hazard and a signature as the colleague’s', () => {
    const here = phone()
    here.does('hazard.report@1', 'h', report, JIANG, true)
    here.does('submission.sign@1', 's', { role: 'inspector', name: JIANG, at: at('11:00'), hash: '' }, JIANG, true)
    expect(here.get('hazard', 'h')).toMatchObject({ reporter: JIANG, found_by: 'officer', ver: 0 })
    expect(Object.keys(here.sheet().signatures)).toEqual([`officer:${JIANG}`])
  })

  it('has reached the server when a row shows it, or something later of his in its place', () => {
    const here = phone()
    const reached = (op: string, args: object, row: object, by = JIANG) => operations[op]!.reached!(here.act(op, 's', args), { ...row } as Row, by)
    const row = (by: string, time: string, result = 'pass') => ({ answers: { a: { result, by, at: at(time) } } })
    const given = says(JIANG, 'fail', '10:00')
    expect([row(JIANG, '10:00'), row(JIANG, '10:01'), row(JIANG, '09:59'), row(TAO, '11:00'), { answers: {} }].map((one) => reached('submission.answer@1', given, one))).toEqual([true, true, false, false, false])
    // The server corrected the time of a clock that was fast, and writes it its own way.
    expect(reached('submission.answer@1', given, row(JIANG, '09:40', 'fail'))).toBe(true)
    expect(reached('submission.answer@1', given, { answers: { a: { result: 'pass', by: JIANG, at: '2026-03-02T02:01:00+00:00' } } })).toBe(true)
    expect(reached('submission.answer@1', { answers: { a: null } }, { answers: { a: null } })).toBe(true)
    // Another's words in place of his are enough where they are all of his words.
    expect([row(TAO, '09:00', 'fail'), row(TAO, '09:00', 'pass')].map((one) => reached('submission.answer@1', given, one))).toEqual([true, false])
    expect(reached('submission.answer@1', { answers: { ...given.answers, b: { result: 'pass' } } }, row(TAO, '09:00', 'fail'))).toBe(false)
    const signed = { signatures: { [`officer:${JIANG}`]: { at: at('11:00') } } }
    expect([JIANG, TAO].map((user) => reached('submission.sign@1', {}, signed, user))).toEqual([true, false])
    expect(reached('hazard.report@1', report, {})).toBe(true)
    const moved = { ver: 3, doers: { confirm: JIANG } }
    expect([reached('hazard.move@1', { act: 'confirm', seen: 2 }, moved), reached('hazard.move@1', { act: 'confirm', seen: 3 }, moved), reached('hazard.move@1', { act: 'confirm', seen: 2 }, moved, TAO)]).toEqual([true, false, false])
  })
})

describe('what a colleague did with the visit', () => {
  const representative = { name: '陈现场', position: '矿长', signature: {} }
  const move = (act: string, findings: string[] = []) => ({ act, seen: 1, evidence: { at: at('10:00'), findings, ...(act !== 'open' && { representative }) } })
  const visit = (here: ReturnType<typeof phone>) => here.get('visit', 'v') as unknown as VisitRow

  it('is seen: that it is open, and what the mine was told', () => {
    const here = phone()
    here.put({ collection: 'visit', row: { ...visit(here), state: 'prepared' } as unknown as Row })
    here.does('visit.move@1', 'v', move('open'), JIANG, true)
    expect(visit(here)).toMatchObject({ state: 'opened', opened_at: at('10:00') })
    here.does('visit.move@1', 'v', move('explain', ['his']), JIANG, true)
    expect(visit(here)).toMatchObject({ state: 'explained', findings: ['his'] })
    here.does('visit.move@1', 'v', move('supplement', ['mine']))
    expect(visit(here).supplements).toMatchObject([{ by: TAO, findings: ['mine'] }])
  })

  it('adds to what was told here already, as it will at the server', () => {
    const here = phone()
    here.does('visit.move@1', 'v', move('explain', ['his']), JIANG, true)
    here.does('visit.move@1', 'v', move('explain', ['mine']))
    expect(visit(here)).toMatchObject({ state: 'explained', findings: ['his'], supplements: [{ by: TAO, findings: ['mine'] }] })
  })

  it('has reached the server when the row tells of it, as the first or as a later telling', () => {
    const here = phone()
    const row = { opened_at: null, explained_at: null, findings: [], supplements: [] }
    const told = { ...row, opened_at: at('09:00'), explained_at: at('10:00'), findings: ['mine'] }
    const reached = (act: object, of: object) => operations['visit.move@1']!.reached!(here.act('visit.move@1', 'v', act), of as Row, JIANG)
    expect([row, { ...row, opened_at: at('09:00') }].map((of) => reached(move('open'), of))).toEqual([false, true])
    const later = { ...told, supplements: [{ at: at('11:00'), by: JIANG, findings: ['his'], representative }] }
    expect([row, told, later].map((of) => reached(move('explain', ['his']), of))).toEqual([false, false, true])
    expect([row, told].map((of) => reached(move('explain'), of))).toEqual([false, true])
  })
})
