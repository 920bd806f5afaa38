/**
 * Judges answers against their items: limits, danger, evidence. Pure and total; same vectors as forms/judge.py.
 *
 * A number outside its limit fails by itself: a person may be stricter than the limit and may add why, but cannot
 * overrule it. Where no limit decides, the person does.
 */

import { alone, holds, type Scope } from './evaluate'
import { need } from './messages'
import { claimOf, givenBy, photosOf, problem, read, valueOf, type Given, type Reading } from './reading'
import type { Answer, Item, PinnedLimit, Problem, Verdict } from './types'
import { asInstant, isBlank, TIME_ZONE } from './values'

const MAX_PHOTOS = 4
type Result = Verdict['result']

/**
 * The verdict on one answer (undefined: not answered).
 * limits: the item's pinned limits (resolve). now: ISO 8601 with offset, pinned when the form was opened. scope: what
 * the item's expressions see of the other answers; absent: it stands alone. zones: of the place ("blasting").
 */
export function judge(
  item: Item, answer: Answer | null | undefined, limits: PinnedLimit[] | undefined, now: string, timeZone: string = TIME_ZONE,
  scope: Scope = alone(valueOf(item, answer), asInstant(now), timeZone), zones: readonly string[] = [],
): Verdict {
  const given = givenBy(answer)
  const found = read(item, given, limits, scope.now, timeZone, scope.own)
  const { constraint } = item
  if (constraint && found.given && !found.problems.length && !holds(constraint.when, scope))
    found.problems.push(problem('constraint_broken', { message: constraint.message.zh }))
  const problems = answer === undefined || answer === null || given === answer ? [] : [problem('malformed')]
  const claim = claimOf(given)
  if (claim === null && (given.result ?? null) !== null) problems.push(problem('bad_result'))
  const result = conclude(item, claim, found, problems)
  problems.push(...evidence(item, result, given, found, zones))
  if (result === 'fail' && (claim === 'pass' || claim === 'na')) found.reasons.push(problem('claim_overruled'))
  const danger = item.danger && holds(item.danger.when, scope) ? item.danger : null
  const needs = [...new Set(problems.map(({ code }) => need(code)).filter((one) => one !== null))]
  const done = result !== 'open' && problems.length === 0
  const verdict = { result, danger, reasons: found.reasons, problems, needs, done }
  return item.answer.type === 'calculated' ? { ...verdict, value: scope.own } : verdict
}

/** Must somebody answer it? */
export const isDemanded = (item: Item): boolean => item.required !== false && item.answer.type !== 'calculated'

/** Joins what the reading says with what the person says; the graver one counts. */
function conclude(item: Item, claim: unknown, found: Reading, problems: Problem[]): Result {
  const open = (code: string): Result => (problems.push(problem(code)), 'open')
  problems.push(...found.problems)
  if (found.result === 'fail' || claim === 'fail') return 'fail'
  if (found.problems.length) return 'open'
  if (claim === 'na') return found.given && item.answer.type !== 'check' ? open('na_with_value') : 'na'
  if (!found.given) {
    if (!isDemanded(item) && claim !== 'pass') return 'open'
    return open(item.answer.type === 'check' ? 'result_missing' : 'value_missing')
  }
  return found.result === null && claim !== 'pass' ? open('judgement_missing') : 'pass'
}

function evidence(item: Item, result: Result, given: Given, found: Reading, zones: readonly string[]): Problem[] {
  const { photo, note, max_photos: most = MAX_PHOTOS, not_in: banned = [] } = item.evidence ?? {}
  const problems: Problem[] = []
  const sent = given.photos ?? null
  const good = photosOf(given)
  if (sent !== null && (!Array.isArray(sent) || good.size !== sent.length)) problems.push(problem('bad_photo'))
  if (good.size > most) problems.push(problem('too_many_photos', { most }))
  if (isDue(photo, result) && good.size === 0 && !banned.some((zone) => zones.includes(zone))) problems.push(...missing(item, given, 'photo'))
  // A reading that was asked for and is not there needs a word of explanation.
  const unread = item.answer.type !== 'check' && !found.given && (result === 'fail' || result === 'na')
  if ((isDue(note, result) || unread) && !isWords(given.note)) problems.push(...missing(item, given, 'note'))
  return problems
}

function isDue(when: string | undefined, result: Result): boolean {
  return when === 'on_fail' ? result === 'fail' : when === 'always' && (result === 'pass' || result === 'fail')
}

/** Evidence that lacks and is not waived: phones are banned near blasting, so a person may say why not. */
function missing(item: Item, given: Given, what: 'photo' | 'note'): Problem[] {
  const waiver = (typeof given.waiver === 'object' && given.waiver !== null ? given.waiver : {}) as Record<string, unknown>
  if (waiver['what'] !== what) return [problem(`${what}_missing`)]
  if (item.evidence?.waivable === false) return [problem('waiver_not_allowed')]
  return isWords(waiver['reason']) ? [] : [problem('waiver_without_reason')]
}

const isWords = (value: unknown): boolean => typeof value === 'string' && !isBlank(value)
