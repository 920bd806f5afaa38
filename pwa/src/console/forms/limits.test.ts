import { expect, it } from 'vitest'
import { newCase, newRule, placed } from './limits'

it('limits by case begin with two cases, each with a limit to fill in', () => {
  expect(newRule('rock', false)).toEqual({
    param: 'rock',
    cases: [
      { id: 'c1', text: { zh: '' }, limits: [{ max: 0 }] },
      { id: 'c2', text: { zh: '' }, limits: [{ max: 0 }] },
    ],
  })
  expect(newRule('last', true).cases[0]!.limits).toEqual([{ max_age_days: 30 }])
})

it('a new case takes no id that a case has, whatever was removed before', () => {
  const { cases } = newRule('rock', false)
  expect(newCase(cases.slice(1), false).id).toBe('c3')
  expect(newCase([...cases, { ...cases[0]!, id: 'c3' }], false).id).toBe('c4')
})

it('an entry is changed in its place, added at the end, or taken away, and the list before stays as it was', () => {
  const before = ['a', 'b'] as const
  expect(placed(before, 0, 'x')).toEqual(['x', 'b'])
  expect(placed(before, 2, 'c')).toEqual(['a', 'b', 'c'])
  expect(placed(before, 0)).toEqual(['b'])
  expect(before).toEqual(['a', 'b'])
})
