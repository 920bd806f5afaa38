/**
 * Judges answers against their items: limits, danger, evidence. Pure and total; same vectors as forms/judge.py.
 *
 * A number outside its limit fails by itself: a person may be stricter than the limit and may add why, but cannot
 * overrule it. Where no limit decides, the person does.
 */

import { holds } from './expression'
import { chosen, limitsOf, unitOf } from './limits'
import { need } from './messages'
import type { Answer, Answers, Bound, DateSpec, FormDefinition, Item, NumberSpec, Option, PinnedLimit, PinnedLimits, Problem, SubmissionVerdict, Verdict } from './types'
import { asDay, asInstant, asNumber, isBlank, length, localDay, rounded, showDay, TIME_ZONE } from './values'

const BLOB = /^sha256:[0-9a-f]{64}$/
const MOST_TEXT = 4000
const MAX_PHOTOS = 4
const CLAIMS: unknown[] = ['pass', 'fail', 'na']
const HOLDS: Record<Bound, (reading: number, bound: number) => boolean> = {
  min: (reading, bound) => reading >= bound,
  max: (reading, bound) => reading <= bound,
  above: (reading, bound) => reading > bound,
  below: (reading, bound) => reading < bound,
  equals: (reading, bound) => reading === bound,
  max_age_days: (reading, bound) => reading <= bound,
}

/** An answer as it may come: whatever stands in it, there is a verdict. */
type Given = { [field in keyof Answer]?: unknown }
type Result = Verdict['result']
/** undefined: the form was opened without limits for this item. */
type Pinned = PinnedLimit[] | undefined

/** What an answer's value says before the person's own judgement. result: null where nothing decides. */
interface Reading {
  given: boolean
  result: 'pass' | 'fail' | null
  number: number | null
  reasons: Problem[]
  problems: Problem[]
}

const reading = (said: Partial<Reading> = {}): Reading =>
  ({ given: true, result: null, number: null, reasons: [], problems: [], ...said })
const problem = (code: string, params: Problem['params'] = {}): Problem => ({ code, params })
const bad = (code: string, params: Problem['params'] = {}): Reading => reading({ problems: [problem(code, params)] })

/**
 * The verdict on one answer (undefined: not answered).
 * limits: the item's pinned limits (resolve). now: ISO 8601 with offset, pinned when the form was opened.
 */
export function judge(
  item: Item, answer: Answer | null | undefined, limits: PinnedLimit[] | undefined, now: string, timeZone: string = TIME_ZONE,
): Verdict {
  const isAnswer = typeof answer === 'object' && answer !== null && !Array.isArray(answer)
  const given: Given = isAnswer ? answer : {}
  const found = read(item, given, limits, now, timeZone)
  const problems = answer === undefined || answer === null || isAnswer ? [] : [problem('malformed')]
  const claim = CLAIMS.includes(given.result) ? given.result : null
  if (claim === null && (given.result ?? null) !== null) problems.push(problem('bad_result'))
  const result = conclude(item, claim, found, problems)
  problems.push(...evidence(item, result, given, found))
  if (result === 'fail' && (claim === 'pass' || claim === 'na')) found.reasons.push(problem('claim_overruled'))
  const danger = item.danger && holds(item.danger.when, found.number) ? item.danger : null
  const needs = [...new Set(problems.map(({ code }) => need(code)).filter((one) => one !== null))]
  return { result, danger, reasons: found.reasons, problems, needs, done: result !== 'open' && problems.length === 0 }
}

/** The verdict on a whole list: every item that is asked (dueItems; absent: all) or has been answered. */
export function judgeSubmission(
  definition: FormDefinition, limits: PinnedLimits, answers: Answers, now: string, asked?: string[], timeZone: string = TIME_ZONE,
): SubmissionVerdict {
  const items: Record<string, Verdict> = {}
  const counts = { total: 0, done: 0, pass: 0, fail: 0, na: 0, open: 0, danger: 0 }
  const lacking: SubmissionVerdict['lacking'] = []
  const strangers = new Set(Object.keys(answers))
  const due = asked && new Set(asked)
  for (const item of definition.sections.flatMap((section) => section.items)) {
    if (!strangers.delete(item.id) && due && !due.has(item.id)) continue
    const verdict = judge(item, Object.hasOwn(answers, item.id) ? answers[item.id] : undefined, limits[item.id], now, timeZone)
    items[item.id] = verdict
    lacking.push(...verdict.problems.map((one) => ({ item: item.id, ...one })))
    if (item.required === false && verdict.result === 'open' && verdict.problems.length === 0) continue
    counts.total += 1
    counts[verdict.result] += 1
    counts.done += Number(verdict.done)
    counts.danger += Number(verdict.danger !== null)
  }
  return { items, counts, complete: lacking.length === 0, lacking, strangers: [...strangers].sort() }
}

/** Joins what the reading says with what the person says; the graver one counts. */
function conclude(item: Item, claim: unknown, found: Reading, problems: Problem[]): Result {
  const open = (code: string): Result => (problems.push(problem(code)), 'open')
  problems.push(...found.problems)
  if (found.result === 'fail' || claim === 'fail') return 'fail'
  if (found.problems.length) return 'open'
  if (claim === 'na') return found.given && item.answer.type !== 'check' ? open('na_with_value') : 'na'
  if (!found.given) {
    if (item.required === false && claim !== 'pass') return 'open'
    return open(item.answer.type === 'check' ? 'result_missing' : 'value_missing')
  }
  return found.result === null && claim !== 'pass' ? open('judgement_missing') : 'pass'
}

function evidence(item: Item, result: Result, given: Given, found: Reading): Problem[] {
  const { photo, note, max_photos: most = MAX_PHOTOS } = item.evidence ?? {}
  const problems: Problem[] = []
  const sent = given.photos ?? null
  const good = photosOf(given)
  if (sent !== null && (!Array.isArray(sent) || good.size !== sent.length)) problems.push(problem('bad_photo'))
  if (good.size > most) problems.push(problem('too_many_photos', { most }))
  if (isDue(photo, result) && good.size === 0) problems.push(...missing(item, given, 'photo'))
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

function read(item: Item, given: Given, limits: Pinned, now: string, timeZone: string): Reading {
  const { answer } = item
  const value = given.value
  if (answer.type === 'check') return reading({ given: CLAIMS.includes(given.result) })
  if (answer.type === 'photo') return reading({ given: photosOf(given).size > 0, result: 'pass' })
  if (value === undefined || value === null || (typeof value === 'string' && isBlank(value))) return reading({ given: false })
  switch (answer.type) {
    case 'number': return readNumber(item, answer, value, limits, given.case)
    case 'date': return readDate(item, answer, value, limits, given.case, asInstant(now), timeZone)
    case 'text': return readText(answer.max_length ?? MOST_TEXT, value)
    case 'choice': return readChoice(answer.options, value)
    case 'signature': return isBlob(value) ? reading({ result: 'pass' }) : bad('not_a_signature')
    default: return typeof value === 'string' && length(value) <= MOST_TEXT ? reading({ result: 'pass' }) : bad('not_a_place')
  }
}

function readNumber(item: Item, spec: NumberSpec, value: unknown, limits: Pinned, byCase: unknown): Reading {
  const number = asNumber(value)
  if (number === null) return bad('not_a_number')
  const { decimals, range } = spec
  // A mistyped 600 may be a true 600: danger is looked at all the same.
  if (decimals !== undefined && rounded(number, decimals) !== number) return { ...bad('too_many_decimals', { decimals }), number }
  if (range && (number < (range.min ?? -Infinity) || number > (range.max ?? Infinity))) return { ...bad('out_of_range', { value: number }), number }
  return { ...hold(item, number, limits, byCase), number }
}

function readDate(
  item: Item, spec: DateSpec, value: unknown, limits: Pinned, byCase: unknown, now: number | null, timeZone: string,
): Reading {
  const day = asDay(value)
  if (day === null) return bad('not_a_date')
  if (now === null) return reading()
  const age = localDay(now, timeZone) - day
  if (age < 0 && spec.limits?.length) return bad('in_future', { value: showDay(day) })
  return hold(item, age, limits, byCase)
}

function readText(most: number, value: unknown): Reading {
  if (typeof value !== 'string') return bad('not_text')
  return length(value) > most ? bad('too_long', { most, length: length(value) }) : reading({ result: 'pass' })
}

function readChoice(options: Option[], value: unknown): Reading {
  const option = options.find((one) => one.id === value)
  if (!option) return bad('not_an_option')
  if (!option.fails) return reading({ result: 'pass' })
  return reading({ result: 'fail', reasons: [problem('option_fails', { option: option.text.zh })] })
}

/** Do all limits hold? Fails on a broken one, decides nothing while one is unknown or there is none. */
function hold(item: Item, value: number, limits: Pinned, byCase: unknown): Reading {
  const found = reading()
  if (limitsOf(item).length && !limits) found.reasons.push(problem('limits_not_pinned'))
  let decided = true
  for (const limit of chosen(limits ?? [], byCase)) {
    if ('by' in limit) found.problems.push(problem('case_missing', { parameter: limit.by }))
    else if ('unknown' in limit) {
      decided = false
      found.reasons.push(problem('limit_unknown', { parameter: limit.unknown }))
    } else if (!HOLDS[limit.bound](value, limit.value)) {
      found.result = 'fail'
      found.reasons.push(problem(`breaks_${limit.bound}`, { value, limit: limit.value, unit: unitOf(item) }))
    } else found.result ??= 'pass'
  }
  if (found.result === 'pass' && (!decided || found.problems.length)) found.result = null
  return found
}

function photosOf(given: Given): Set<unknown> {
  return new Set(Array.isArray(given.photos) ? (given.photos as unknown[]).filter(isBlob) : [])
}

const isBlob = (value: unknown): boolean => typeof value === 'string' && BLOB.test(value)
const isWords = (value: unknown): boolean => typeof value === 'string' && !isBlank(value)
