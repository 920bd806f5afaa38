/** What an author does to limits: each returns a new value. No screen here. */
import type { BoundLimit, Case, CaseLimit, Text } from '@/forms/types'

/** The list with the entry of this place changed, taken away (undefined), or added (at its end). */
export const placed = <T>(list: readonly T[], at: number, one?: T): T[] => list.toSpliced(at, 1, ...(one === undefined ? [] : [one]))

/** A bound to begin with. date: of a date, how many days old it may be. */
export const newBound = (date: boolean): BoundLimit => (date ? { max_age_days: 30 } : { max: 0 })

/** One case more, under an id that no case has: the mine's design value names it, and an author may say which. */
export function newCase(cases: readonly Case[], date: boolean): Case {
  let n = cases.length + 1
  while (cases.some(({ id }) => id === `c${n}`)) n++
  return { id: `c${n}`, text: { zh: '' } satisfies Text, limits: [newBound(date)] }
}

/** Limits by case begin with two: one alone would be no question. */
export function newRule(param: string, date: boolean): CaseLimit {
  const first = newCase([], date)
  return { param, cases: [first, newCase([first], date)] }
}
