/** The way through a list. */
import type { FormDefinition, Item, Section, SubmissionVerdict } from '@/forms/types'

export const itemsOf = (definition: FormDefinition): Item[] => definition.sections.flatMap(({ items }) => items)

/** The next item that still wants something, after `from` and round the end; null when all is done. */
export function nextOpen(order: readonly Item[], verdicts: SubmissionVerdict['items'], from: string | undefined): string | null {
  const start = order.findIndex(({ id }) => id === from) + 1
  const round = [...order.slice(start), ...order.slice(0, start)]
  return round.find(({ id }) => verdicts[id]?.done === false)?.id ?? null
}

/**
 * What “all of this section conform” would answer: checks that nobody answered yet.
 * Numbers must be read, always-photos taken, and what would be a major hazard looked at one by one; those stay open.
 */
export const conformable = ({ items }: Section, answered: (item: string) => boolean): Item[] =>
  items.filter(({ id, answer, evidence, severity }) => answer.type === 'check' && evidence?.photo !== 'always' && severity !== 'major' && !answered(id))
