import { describe, expect, it } from 'vitest'
import { lacking, movesFor, type Move, type Moves } from './workflow'

const move = (from: string, act: string, to: string, by: string[], more: Partial<Move> = {}): Move => ({
  from, act, to, by, word: { zh: act }, when: {}, needs: [], unless_did: null, signed: false, ...more,
})
const table: Moves = {
  kind: 'hazard',
  states: {},
  moves: [
    move('reported', 'confirm', 'confirmed', ['safety_officer'], { when: { found_by: 'mine' } }),
    move('confirmed', 'assign', 'assigned', ['team_leader'], { when: { severity: 'general' }, needs: ['person', 'measures', 'deadline'] }),
    move('confirmed', 'assign', 'assigned', ['safety_director'], { when: { severity: 'major' }, needs: ['person', 'measures', 'funds', 'deadline', 'contingency'] }),
    move('rectified', 'verify', 'verified', ['team_leader', 'safety_officer'], { unless_did: 'rectify' }),
    move('verified', 'close', 'closed', ['safety_officer'], { signed: true }),
  ],
}
const hazard = { state: 'reported', severity: 'general', found_by: 'mine', doers: {} }
const acts = (changes: object, id: string, ...roles: string[]) => movesFor(table, { ...hazard, ...changes }, { id, roles }).map(({ act }) => act)

describe('the buttons under a hazard', () => {
  it('are those of my role in its state', () => {
    expect(acts({}, 'li', 'safety_officer')).toEqual(['confirm'])
    expect(acts({}, 'li', 'worker')).toEqual([])
    expect(acts({ state: 'closed' }, 'li', 'safety_officer')).toEqual([])
  })

  it('never let the mine confirm what an officer found', () => {
    expect(acts({ found_by: 'officer' }, 'li', 'safety_officer')).toEqual([])
  })

  it('let nobody verify what he himself rectified', () => {
    expect(acts({ state: 'rectified', doers: { rectify: 'zhao' } }, 'zhao', 'team_leader')).toEqual([])
    expect(acts({ state: 'rectified', doers: { rectify: 'zhao' } }, 'wang', 'team_leader')).toEqual(['verify'])
  })

  it('follow the level of the hazard: a major one is assigned by the safety director alone', () => {
    expect(acts({ state: 'confirmed', severity: 'major' }, 'wang', 'team_leader')).toEqual([])
    expect(acts({ state: 'confirmed', severity: 'major' }, 'sun', 'safety_director')).toEqual(['assign'])
  })
})

describe('what a move still lacks', () => {
  const five = table.moves[2]!
  const plan = { person: 'zhao', measures: '补打锚杆', deadline: '2026-03-05T16:00:00+08:00' }
  it('is nothing for a general hazard with person, measure and deadline', () => expect(lacking(table.moves[1]!, plan)).toEqual([]))
  it('is funds and contingency for a major one: all five', () => expect(lacking(five, plan)).toEqual(['funds', 'contingency']))
  it('takes 0 yuan for an answer', () => expect(lacking(five, { ...plan, funds: 0, contingency: '撤人' })).toEqual([]))
  it('is the measure when that is blank', () => expect(lacking(five, { ...plan, measures: '  ', funds: 1, contingency: '撤人' })).toEqual(['measures']))
  it('is the after-photo when there is none', () => expect(lacking({ needs: ['photos'], signed: false }, { photos: [] })).toEqual(['photos']))
  it('is the signature where the move is signed', () => expect(lacking(table.moves[4]!, {})).toEqual(['signature']))
})
