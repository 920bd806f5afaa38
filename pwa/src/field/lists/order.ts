/** The way through a list. */
import type { Item, Verdict } from '@/forms/types'

/** The next key that still wants something, after `from` and round the end; null when all is done. */
export function nextOpen(keys: readonly string[], open: (key: string) => boolean, from: string | undefined): string | null {
  const start = keys.indexOf(from ?? '') + 1
  return [...keys.slice(start), ...keys.slice(0, start)].find(open) ?? null
}

/** Whether it is one of those that a person must do or has done: “n of m”. An instruction, a mere sum, what may be left out are none. */
export const counts = ({ answer }: Item, verdict: Verdict | null): boolean =>
  verdict !== null && (verdict.done || verdict.problems.length > 0) && (answer.type !== 'calculated' || !!answer.limits?.length)

/**
 * What “all of this section conform” would answer: checks that nobody answered yet.
 * Numbers must be read, always-photos taken, and what would be a major hazard looked at one by one; those stay open.
 */
export const conformable = (items: readonly Item[], answered: (item: string) => boolean): Item[] =>
  items.filter(({ id, answer, evidence, severity }) => answer.type === 'check' && evidence?.photo !== 'always' && severity !== 'major' && !answered(id))
