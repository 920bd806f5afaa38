import { expect, it } from 'vitest'
import { HAZARD, VISIT } from '@/shared/tables'
import { inOrder } from './states'

it('states stand in the order in which a hazard goes through them', () => {
  expect(inOrder(HAZARD)).toEqual(['reported', 'confirmed', 'assigned', 'rectifying', 'rectified', 'verified', 'closed', 'rejected'])
  expect(new Set(inOrder(VISIT))).toEqual(new Set(Object.keys(VISIT.states)))
})
