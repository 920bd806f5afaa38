import { HAZARD } from '@/shared/tables'
import { movesFor, type Move } from '@/shared/workflow'
import { rolesAt } from '../me'
import type { HazardRow, Me, PersonRow } from '../ports'

/** The moves that I may make with this hazard now. */
export const myMoves = (hazard: HazardRow, me: Me): Move[] => movesFor(HAZARD, hazard, { id: me.id, roles: rolesAt(me, hazard.mine) })

/** Whether it waits for me: I can move it on, it was not given to somebody else, and it is not over. */
export function waitsFor(hazard: HazardRow, me: Me, people: readonly PersonRow[]): boolean {
  const over = hazard.state === 'closed' || hazard.state === 'rejected'
  const given = hazard.state === 'assigned' || hazard.state === 'rectifying'
  const responsible = people.find(({ id }) => id === hazard.plan.person)?.user
  return !over && !(given && responsible !== me.id) && myMoves(hazard, me).length > 0
}
