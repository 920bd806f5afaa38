import { describe, expect, it } from 'vitest'
import { HAZARD } from '@/shared/tables'
import type { Item } from '@/forms/types'
import type { HazardRow, Me, PersonRow } from '../ports'
import { endOfDay } from './deadline'
import { draftOf, emptyDraft, reportOf } from './draft'
import { myMoves, waitsFor } from './waiting'

const me = (id: string, ...roles: string[]): Me => ({ id, name: id, certificate_no: null, grants: roles.map((role) => ({ role, scope: 'mine:m' })) })
const hazard = (state: string, more: Partial<HazardRow> = {}): HazardRow => ({
  id: 'h', ver: 3, mine: 'm', place: null, where: '-420 m', what: '浮石', severity: 'general', suspected_major: false, major_ref: null, basis: [], told: null,
  found_by: 'mine', state, reporter: 'zhang', submission: null, item: null, visit: null, reported_at: '', plan: {}, photos: [], photos_after: [], doers: {}, ...more,
})
const people: PersonRow[] = [{ id: 'staff-zhang', ver: 1, user: 'zhang', mine: 'm', name: '张', title: '凿岩工', team: '一班', posts: [] }]

describe('a hazard waits for me', () => {
  it('when I may move it on', () => expect(waitsFor(hazard('reported'), me('chen', 'safety_officer'), people)).toBe(true))
  it('not when my role may not', () => expect(waitsFor(hazard('reported'), me('zhang', 'worker'), people)).toBe(false))
  it('when it was given to me to put right, and not when to somebody else', () => {
    const given = hazard('assigned', { plan: { person: 'staff-zhang' } })
    expect(waitsFor(given, me('zhang', 'worker'), people)).toBe(true)
    expect(waitsFor(given, me('li', 'worker'), people)).toBe(false)
  })
  it('not when it is over, though it could be opened again', () => {
    expect(waitsFor(hazard('closed'), me('chen', 'safety_officer'), people)).toBe(false)
    expect(myMoves(hazard('closed'), me('chen', 'safety_officer')).map(({ act }) => act)).toEqual(['reopen'])
  })
  it('not for a role at another mine', () => {
    const elsewhere: Me = { id: 'chen', name: 'chen', certificate_no: null, grants: [{ role: 'safety_officer', scope: 'mine:other' }] }
    expect(waitsFor(hazard('reported'), elsewhere, people)).toBe(false)
  })
  it('never for who put it right, when it is to be verified', () => {
    expect(myMoves(hazard('rectified', { doers: { rectify: 'wang' } }), me('wang', 'team_leader')).map(({ act }) => act)).not.toContain('verify')
  })
})

describe('a hazard out of a failed item', () => {
  const item: Item = {
    id: 'UG01-03', text: { zh: '工作面一氧化碳浓度' }, answer: { type: 'number', unit: 'ppm' }, severity: 'major', major_ref: 'UG-20',
    basis: [{ code: 'GB 16423-2020', clause: '6.6.1.1', verified: true }],
  }
  it('already says what was read and noted', () => expect(draftOf(item, { value: 30, note: '风筒脱落' }).what).toBe('工作面一氧化碳浓度：30 ppm；风筒脱落'))
  it('is suspected to be major where the item says so', () => expect(draftOf(item, undefined).suspected_major).toBe(true))
  it('brings its item, clause and standard along', () => {
    const report = reportOf({ ...emptyDraft(), what: ' 超限 ', where: '面', told: 'dispatcher' }, 'm', { submission: { id: 's', visit: null }, item, key: item.id })
    expect(report).toMatchObject({ what: '超限', submission: 's', item: 'UG01-03', visit: null, major_ref: 'UG-20', basis: [{ code: 'GB 16423-2020' }] })
  })
})

it('a deadline one tap away is the last minute of a local day', () => {
  expect(endOfDay(new Date('2026-03-02T23:30:00+08:00'), 1)).toBe('2026-03-03T23:59:00+08:00')
})

it('every state and act of the table has a word', () => {
  expect(HAZARD.moves.every(({ word, from, to }) => word.zh && HAZARD.states[from] && HAZARD.states[to])).toBe(true)
})
