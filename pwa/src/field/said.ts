/** What each of a visit's team says of an item, where colleagues' parts lie over the server's rows. */
import type { Answer } from '@/forms/types'
import type { SubmissionRow } from './ports'

/** As the server rules until people have decided: fail, pass, na. */
const GRAVITY: readonly (string | undefined)[] = ['fail', 'pass', 'na', undefined]
const gravest = (answers: Answer[]): Answer | null =>
  [...answers].sort((a, b) => GRAVITY.indexOf(a.result) - GRAVITY.indexOf(b.result) || Date.parse(b.at ?? '') - Date.parse(a.at ?? ''))[0] ?? null

/**
 * Answers over those that are there. Once a colleague's part speaks of an item, what everybody says of it is kept beside
 * it, and the gravest stands: one who has not seen the other's answer must not cover it up.
 *
 * by: whose answers they are. part: whether they came in his part.
 */
export function answered(row: SubmissionRow, given: Record<string, Answer | null>, by: string, part: boolean): SubmissionRow {
  const answers = { ...row.answers, ...given }
  const said = { ...row.said }
  for (const [key, answer] of Object.entries(given)) {
    const before = row.answers[key]
    if (!part && !said[key]) continue
    const each = { ...(said[key] ?? (before && { [before.by ?? '']: before })) }
    if (answer) each[by] = answer
    else delete each[by]
    said[key] = each
    answers[key] = gravest(Object.values(each))
  }
  return { ...row, answers, ...(Object.keys(said).length > 0 && { said }) }
}

/** One side of an item of which they say different things. */
export interface Side { by: string; answer: Answer }

/** The keys of which two people say different things, each with what they say, the gravest first. */
export function differing({ said = {} }: Pick<SubmissionRow, 'said'>): Map<string, Side[]> {
  const found = Object.entries(said).map(([key, each]) => {
    const sides = Object.entries(each).map(([by, answer]): Side => ({ by, answer }))
    return [key, sides.sort((a, b) => GRAVITY.indexOf(a.answer.result) - GRAVITY.indexOf(b.answer.result))] as const
  })
  return new Map(found.filter(([, sides]) => new Set(sides.map(({ answer: { result, value } }) => JSON.stringify([result, value]))).size > 1))
}
