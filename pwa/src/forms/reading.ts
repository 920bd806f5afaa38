/**
 * What an answer's value says, type by type, before the person's own judgement: limits, ranges, options, days. Total.
 * Twin of forms/reading.py.
 */

import { MOST_TEXT, moment, numberOf } from './evaluate'
import { chosen, limitsOf, unitOf } from './limits'
import type { Answer, Bound, Item, NumberSpec, Option, PinnedLimit, Problem, Value } from './types'
import { asDay, asInstant, asNumber, isBlank, length, localDay, rounded, showDay } from './values'

const BLOB = /^sha256:[0-9a-f]{64}$/
const TIME = /^([01][0-9]|2[0-3]):[0-5][0-9]$/
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
export type Given = { [field in keyof Answer]?: unknown }
/** undefined: the form was opened without limits for this item. */
export type Pinned = PinnedLimit[] | undefined

/** result: null where nothing decides. */
export interface Reading {
  given: boolean
  result: 'pass' | 'fail' | null
  reasons: Problem[]
  problems: Problem[]
}

const reading = (said: Partial<Reading> = {}): Reading => ({ given: true, result: null, reasons: [], problems: [], ...said })
export const problem = (code: string, params: Problem['params'] = {}): Problem => ({ code, params })
const bad = (code: string, params: Problem['params'] = {}): Reading => reading({ problems: [problem(code, params)] })

export const givenBy = (answer: unknown): Given => (typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? answer : {})
export const claimOf = (given: Given) => (CLAIMS.includes(given.result) ? (given.result as 'pass' | 'fail' | 'na') : null)
export const optionsOf = (item: Item): Option[] => ('options' in item.answer && item.answer.options) || []

/** What expressions see of an answer: what its type can read, else nothing. A photo or a signature is only there. */
export function valueOf(item: Item, answer: unknown): Value {
  const given = givenBy(answer)
  const { value } = given
  const words = typeof value === 'string' && !isBlank(value) ? value : null
  switch (item.answer.type) {
    case 'check': return claimOf(given)
    case 'photo': return photosOf(given).size > 0 || null
    case 'signature': return isBlob(value) || null
    case 'number': return numberOf(value)
    case 'choice': case 'choices': return words !== null && picked(item, words).length ? words : null
    case 'date': return asDay(words) === null ? null : words
    case 'time': return words !== null && TIME.test(words) ? words : null
    case 'datetime': {
      const at = asInstant(words)
      return at === null ? null : moment(at)
    }
    case 'text': case 'person': case 'place': return words !== null && length(words) <= MOST_TEXT ? words : null
    default: return null
  }
}

/** The options that an answer chooses, several with a space between; none if one of them is unknown or twice. */
export function picked(item: Item, value: string): Option[] {
  const names = item.answer.type === 'choices' ? value.split(' ') : [value]
  const options = names.map((name) => optionsOf(item).find(({ id }) => id === name))
  return options.every((one) => one !== undefined) && new Set(names).size === names.length ? options : []
}

/** What the answer says. own: what expressions see of it; for a calculated item the value itself. */
export function read(item: Item, given: Given, limits: Pinned, now: number | null, timeZone: string, own: Value): Reading {
  const { answer } = item
  const { value } = given
  if (answer.type === 'check') return reading({ given: own !== null })
  if (answer.type === 'photo') return reading({ given: own !== null, result: 'pass' })
  if (answer.type === 'calculated') {
    if (own === null) return reading({ given: false })
    return typeof own === 'number' && answer.limits?.length ? hold(item, own, limits, given.case) : reading({ result: 'pass' })
  }
  if (answer.type === 'note' || value === undefined || value === null || (typeof value === 'string' && isBlank(value)))
    return reading({ given: false })
  switch (answer.type) {
    case 'number': return readNumber(item, answer, value, limits, given.case)
    case 'date': return readDate(item, value, limits, given.case, now, timeZone)
    case 'text': return readText(answer.max_length ?? MOST_TEXT, value)
    case 'choice': case 'choices': return readChoices(item, value)
    default: return own === null ? bad(UNREADABLE[answer.type]) : reading({ result: 'pass' })
  }
}

const UNREADABLE = {
  signature: 'not_a_signature', place: 'not_a_place', person: 'not_a_person', time: 'not_a_time', datetime: 'not_a_moment',
}

function readNumber(item: Item, spec: NumberSpec, value: unknown, limits: Pinned, byCase: unknown): Reading {
  const number = asNumber(value)
  if (number === null) return bad('not_a_number')
  const { decimals, range } = spec
  if (decimals !== undefined && rounded(number, decimals) !== number) return bad('too_many_decimals', { decimals })
  if (range && (number < (range.min ?? -Infinity) || number > (range.max ?? Infinity))) return bad('out_of_range', { value: number })
  return hold(item, number, limits, byCase)
}

function readDate(item: Item, value: unknown, limits: Pinned, byCase: unknown, now: number | null, timeZone: string): Reading {
  const day = asDay(value)
  if (day === null) return bad('not_a_date')
  if (now === null) return reading()
  const age = localDay(now, timeZone) - day
  if (age < 0 && limitsOf(item).length) return bad('in_future', { value: showDay(day) })
  return hold(item, age, limits, byCase)
}

function readText(most: number, value: unknown): Reading {
  if (typeof value !== 'string') return bad('not_text')
  return length(value) > most ? bad('too_long', { most, length: length(value) }) : reading({ result: 'pass' })
}

function readChoices(item: Item, value: unknown): Reading {
  const options = typeof value === 'string' ? picked(item, value) : []
  if (!options.length) return bad('not_an_option')
  const right = optionsOf(item).filter((one) => one.correct)
  if (right.length && (right.length !== options.length || options.some((one) => !one.correct)))
    return reading({ result: 'fail', reasons: [problem('wrong_answer', { right: right.map((one) => one.text.zh).join('、') })] })
  const reasons = options.filter((one) => one.fails).map((one) => problem('option_fails', { option: one.text.zh }))
  return reading({ result: reasons.length ? 'fail' : 'pass', reasons })
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

export function photosOf(given: Given): Set<unknown> {
  return new Set(Array.isArray(given.photos) ? (given.photos as unknown[]).filter(isBlob) : [])
}

const isBlob = (value: unknown): boolean => typeof value === 'string' && BLOB.test(value)
