import { describe, expect, it } from 'vitest'
import { effects, type Effect } from './effects'
import type { Collections, Evidence, Operation, Operations, SignatureRecord } from './ports'

/** Rows of this phone, and acts done to them one after another. */
function phone(me = 'zhang') {
  const rows = new Map<string, unknown>()
  let acts = 0
  return {
    row: <C extends keyof Collections>(collection: C, id: string) => rows.get(`${collection}/${id}`) as Collections[C],
    put: <C extends keyof Collections>(collection: C, row: Collections[C]) => void rows.set(`${collection}/${row.id}`, row),
    all: (collection: string) => [...rows].filter(([key]) => key.startsWith(`${collection}/`)).map(([, row]) => row),
    does<O extends Operation>(op: O, entity: string, args: Operations[O], who = me) {
      const get = (collection: string, id: string) => rows.get(`${collection}/${id}`)
      const effect = effects[op] as unknown as Effect<O>
      const around = { get: get as never, me: { id: who, name: who }, now: '2026-03-02T08:00:00+08:00', id: `act-${++acts}` }
      for (const { collection, row } of effect.put(entity, args, around)) rows.set(`${collection}/${row.id}`, row)
    },
  }
}

const begin = { task: 't', visit: null, mine: 'm', form: 'f', post: 'UG01', limits: {}, opened_at: '2026-03-02T07:40:00+08:00' }
const signature: SignatureRecord = { role: 'filler', name: '张', at: '2026-03-02T08:00:00+08:00', hash: 'sha256:0', strokes: { viewbox: [2000, 900], strokes: [] } }
const report = { mine: 'm', place: null, where: '面', what: '浮石', suspected_major: false, major_ref: null, basis: [], told: null, submission: null, item: null, visit: null, photos: ['sha256:1'], reported_at: '' }

describe('a list', () => {
  it('is begun, answered and signed, and its task is done', () => {
    const here = phone()
    here.put('task', { id: 't', ver: 1, mine: 'm', person: 'zhang', place: null, post: 'UG01', form: 'f', asked: [], shift: '早班', opens_at: '', due_at: '', state: 'open' })
    here.does('submission.begin@1', 's', begin)
    here.does('submission.answer@1', 's', { answers: { a: { result: 'pass' } } })
    here.does('submission.answer@1', 's', { answers: { b: { result: 'fail' } } })
    here.does('submission.sign@1', 's', signature)
    expect(here.row('submission', 's')).toMatchObject({ person: 'zhang', answers: { a: { result: 'pass' }, b: { result: 'fail' } }, state: 'signed', signatures: { filler: signature } })
    expect(here.row('task', 't').state).toBe('done')
  })

  it('that is there already is not begun anew', () => {
    const here = phone()
    here.does('submission.begin@1', 's', begin)
    here.does('submission.answer@1', 's', { answers: { a: { result: 'pass' } } })
    here.does('submission.begin@1', 's', begin)
    expect(here.row('submission', 's').answers).toEqual({ a: { result: 'pass' } })
  })

  it('folds its answers into one act, the last word on each item counting', () => {
    const { fold } = effects['submission.answer@1']
    expect(fold!({ answers: { a: { result: 'pass' }, b: { result: 'na' } } }, { answers: { a: { result: 'fail' } } })).toEqual({ answers: { a: { result: 'fail' }, b: { result: 'na' } } })
  })

  it('of a visit is closed when the last of the team has signed', () => {
    const here = phone()
    const team = ['tao', 'jiang'].map((user) => ({ user, name: user, certificate_no: '1', certificate_until: null }))
    here.put('visit', { id: 'v', ver: 1, kind: 'x', mine: 'm', form: 'f', submission: 's', state: 'opened', team, purpose: '', opened_at: '', explained_at: null, place: null, representative: {} })
    here.does('submission.begin@1', 's', { ...begin, task: null, visit: 'v' })
    here.does('submission.sign@1', 's', signature, 'tao')
    expect(here.row('submission', 's').state).toBe('draft')
    here.does('submission.sign@1', 's', signature, 'jiang')
    expect(here.row('submission', 's').state).toBe('signed')
  })
})

describe('a hazard', () => {
  const move = (here: ReturnType<typeof phone>, act: string, who: string, evidence: Evidence = {}) => here.does('hazard.move@1', 'h', { act, seen: 1, evidence }, who)

  it('goes from reported to closed, with an event for every step and who did it', () => {
    const here = phone()
    here.does('hazard.report@1', 'h', report)
    move(here, 'confirm', 'chen')
    move(here, 'assign', 'zhao', { person: 'staff-zhang', measures: '撬毛', deadline: '2026-03-03T23:59:00+08:00' })
    move(here, 'start', 'zhang')
    move(here, 'rectify', 'zhang', { photos: ['sha256:2'] })
    move(here, 'verify', 'zhao')
    move(here, 'close', 'chen', { signature })
    expect(here.row('hazard', 'h')).toMatchObject({
      state: 'closed',
      reporter: 'zhang',
      plan: { person: 'staff-zhang', measures: '撬毛' },
      photos: ['sha256:1'],
      photos_after: ['sha256:2'],
      doers: { confirm: 'chen', rectify: 'zhang', verify: 'zhao', close: 'chen' },
    })
    const events = here.all('hazard_event') as Collections['hazard_event'][]
    expect(events.map(({ act, from, to, by }) => [act, from, to, by])).toEqual([
      ['report', null, 'reported', 'zhang'],
      ['confirm', 'reported', 'confirmed', 'chen'],
      ['assign', 'confirmed', 'assigned', 'zhao'],
      ['start', 'assigned', 'rectifying', 'zhang'],
      ['rectify', 'rectifying', 'rectified', 'zhang'],
      ['verify', 'rectified', 'verified', 'zhao'],
      ['close', 'verified', 'closed', 'chen'],
    ])
    expect(events.every(({ at_device, at_server }) => at_device && at_server === null)).toBe(true)
  })

  it('is not moved where the table knows no such move', () => {
    const here = phone()
    here.does('hazard.report@1', 'h', report)
    move(here, 'close', 'chen')
    expect(here.row('hazard', 'h').state).toBe('reported')
  })

  it('that officers found is confirmed by their finding', () => {
    const here = phone()
    here.does('hazard.report@1', 'h', { ...report, visit: 'v' })
    expect(here.row('hazard', 'h')).toMatchObject({ state: 'confirmed', found_by: 'officer', visit: 'v' })
  })
})

it('a visit keeps what the mine was told first beside what it was told later, and every answer of its representative', () => {
  const here = phone()
  const team = [{ user: 'tao', name: 'tao', certificate_no: '1', certificate_until: null }]
  const at = '2026-03-02T16:00:00+08:00'
  const tells = (act: string, name: string, ...findings: string[]) => here.does('visit.move@1', 'v', { act, seen: 1, evidence: { at, findings, representative: { name, position: '矿长', signature } } }, 'tao')
  here.put('visit', { id: 'v', ver: 1, kind: 'x', mine: 'm', form: 'f', submission: 's', state: 'opened', team, purpose: '', opened_at: '', explained_at: null, place: null, representative: {} })
  tells('explain', '褚', 'early')
  here.does('visit.move@1', 'v', { act: 'close', seen: 1, evidence: { at } })
  tells('supplement', '陈', 'late')
  expect(here.row('visit', 'v')).toMatchObject({ state: 'explained', explained_at: at, findings: ['early'], representative: { name: '褚' }, supplements: [{ at, by: 'tao', findings: ['late'], representative: { name: '陈' } }] })
})

it('an issued paper takes its number from the block at once, so that the next gets another', () => {
  const here = phone()
  here.put('number_block', { id: 'b', ver: 1, kind: 'rectify_order', year: 2026, pattern: '', first: 1, last: 20, next: 12 })
  here.does('document.issue@1', 'd', { kind: 'rectify_order', visit: 'v', block: 'b', n: 12, data: { number: '12号' }, data_hash: '0' })
  expect(here.row('number_block', 'b').next).toBe(13)
  expect(here.row('document', 'd')).toMatchObject({ number: '12号', state: 'issued', pdf: null })
})

it('a paper that corrects another takes its place at once, without a network', () => {
  const here = phone()
  const paper = { kind: 'rectify_order', visit: 'v', block: 'b', data: {}, data_hash: '0' }
  here.does('document.issue@1', 'old', { ...paper, n: 12 })
  here.does('document.issue@1', 'new', { ...paper, n: 13, supersedes: 'old' })
  expect(here.row('document', 'old').state).toBe('superseded')
  expect(here.row('document', 'new')).toMatchObject({ state: 'issued', supersedes: 'old' })
})
