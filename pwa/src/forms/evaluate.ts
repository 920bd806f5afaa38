/**
 * The value of a frozen expression. Total: whatever the tree and the answers are, there is a value, perhaps the empty
 * one (null). The same to the last bit in forms/expression/evaluate.py, by forms/vectors/expressions.json.
 */

import { matches } from './pattern'
import type { Expression, Value } from './types'
import { asDay, asInstant, asNumber, length, localDay, rounded, show, showDay } from './values'

/** What an expression speaks of. */
export interface Scope {
  own: Value
  /** Milliseconds, pinned when the form was opened. */
  now: number | null
  timeZone: string
  item(name: string): Value
  /** The item's values in all rows, seen from outside of its section; null where it has but one. */
  every(name: string): Value[] | null
  /** How many rows a repeated section has, 0 where it is not relevant; null where the name is not one's. */
  rows(name: string): number | null
}

export const MOST_TEXT = 4000
const MAX_DEPTH = 48
const MOST_DAYS = 200_000
const NUMBER = /^-?[0-9]{1,15}(\.[0-9]{1,15})?$/

/** An answer judged by itself: nothing is known of the others. */
export const alone = (own: Value, now: number | null, timeZone: string): Scope =>
  ({ own, now, timeZone, item: () => null, every: () => null, rows: () => null })

/** Is it true? Empty is not. */
export const holds = (tree: Expression, scope: Scope): boolean => evaluate(tree, scope) === true

export function evaluate(tree: unknown, scope: Scope, depth: number = 0): Value {
  if (typeof tree === 'string') return text(tree)
  if (typeof tree === 'boolean') return tree
  if (typeof tree === 'number') return finite(tree)
  if (typeof tree !== 'object' || tree === null || depth >= MAX_DEPTH) return null
  const { self, item, op, args } = tree as Record<string, unknown>
  if (self === true) return scope.own
  if (typeof item === 'string') return scope.item(item)
  if (typeof op !== 'string' || !Array.isArray(args)) return null
  const known = OPERATIONS.get(op)
  if (!known || args.length < known[0] || args.length > known[1]) return null
  const [, , work] = known
  return work ? work(args.map((arg) => evaluate(arg, scope, depth + 1)), scope) : total(op, args, scope, depth)
}

/** Minus zero is zero, and what is not finite is nothing. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value + 0 : null)
const text = (value: string): string | null => (value !== '' && length(value) <= MOST_TEXT ? value : null)

/** Over the rows of a repeated section, or over the numbers given; what is empty does not count. */
function total(name: string, args: unknown[], scope: Scope, depth: number): Value {
  const values: Value[] = []
  for (const arg of args) {
    const { item } = (typeof arg === 'object' && arg !== null ? arg : {}) as Record<string, unknown>
    const rows = name === 'count' && typeof item === 'string' ? scope.rows(item) : null
    if (rows !== null) return rows
    values.push(...((typeof item === 'string' && scope.every(item)) || [evaluate(arg, scope, depth + 1)]))
  }
  if (name === 'count') return values.filter((value) => value !== null).length
  const numbers = values.filter((value) => typeof value === 'number')
  if (name === 'sum') return finite(numbers.reduce((sum, value) => sum + value, 0))
  return numbers.length ? Math[name as 'min' | 'max'](...numbers) : null
}

type Args = Value[]
type Work = (args: Args, scope: Scope) => Value

const compare = (holds: (a: Value, b: Value) => boolean, ordered = true): Work => ([a, b]) =>
  a !== null && typeof a === typeof b && (typeof a !== 'boolean' || !ordered) && holds(a!, b!)

const arithmetic = (work: (a: number, b: number) => number): Work => ([a, b]) =>
  typeof a === 'number' && typeof b === 'number' ? finite(work(a, b)) : null

function moved(day: number, days: unknown): string | null {
  if (typeof days !== 'number' || Math.abs(days) > MOST_DAYS) return null
  const shown = showDay(day + Math.trunc(days))
  return asDay(shown) === null ? null : shown
}

const onDay = (work: (day: number, other: Value) => Value, otherwise: Work): Work => (args, scope) => {
  const day = asDay(args[0])
  return day === null ? otherwise(args, scope) : work(day, args[1]!)
}

/** The value as words: "" where there is none. */
const printed = (value: Value): string => (typeof value === 'number' ? show(value) : String(value ?? ''))
const chosen = (value: Value | undefined): string[] => (typeof value === 'string' ? value.split(' ') : [])

const MANY = 30
const plus = arithmetic((a, b) => a + b)
const minus = arithmetic((a, b) => a - b)
/** Operator → the least and the most arguments, and the work; the totals have theirs above. */
const OPERATIONS = new Map<string, [least: number, most: number, work?: Work]>([
  ['or', [2, 2, ([a, b]) => a === true || b === true]],
  ['and', [2, 2, ([a, b]) => a === true && b === true]],
  ['not', [1, 1, ([a]) => a !== true]],
  ['=', [2, 2, compare((a, b) => a === b, false)]],
  ['!=', [2, 2, compare((a, b) => a !== b, false)]],
  ['<', [2, 2, compare((a, b) => a! < b!)]],
  ['<=', [2, 2, compare((a, b) => a! <= b!)]],
  ['>', [2, 2, compare((a, b) => a! > b!)]],
  ['>=', [2, 2, compare((a, b) => a! >= b!)]],
  ['+', [2, 2, onDay(moved, plus)]],
  ['-', [2, 2, onDay((day, other) => {
    const second = asDay(other)
    return second === null ? moved(day, typeof other === 'number' ? -other : null) : day - second
  }, minus)]],
  ['*', [2, 2, arithmetic((a, b) => a * b)]],
  ['div', [2, 2, arithmetic((a, b) => a / b)]],
  ['mod', [2, 2, arithmetic((a, b) => a % b)]],
  ['neg', [1, 1, ([a]) => (typeof a === 'number' ? finite(-a) : null)]],
  ['empty', [1, 1, ([a]) => a === null]],
  ['if', [3, 3, ([a, b, c]) => (a === true ? b! : c!)]],
  ['selected', [2, 2, ([a, b]) => chosen(a).includes(b as string)]],
  ['count-selected', [1, 1, ([a]) => chosen(a).length]],
  ['coalesce', [2, MANY, (args) => args.find((value) => value !== null) ?? null]],
  ['matches', [2, 2, ([a, b]) => typeof a === 'string' && typeof b === 'string' && matches(a, b)]],
  ['string-length', [1, 1, ([a]) => (typeof a === 'string' ? length(a) : 0)]],
  ['round', [1, 2, ([a, places = 0]) =>
    typeof a === 'number' && [0, 1, 2, 3, 4, 5, 6].includes(places as number) ? finite(rounded(a, places as number)) : null]],
  ['int', [1, 1, ([a]) => (typeof a === 'number' ? finite(Math.trunc(a)) : null)]],
  ['number', [1, 1, ([a]) => {
    if (typeof a === 'string') return NUMBER.test(a) ? finite(Number(a)) : null
    return a === null ? null : Number(a)
  }]],
  ['min', [1, MANY]],
  ['max', [1, MANY]],
  ['sum', [1, 1]],
  ['count', [1, 1]],
  ['today', [0, 0, (_, { now, timeZone }) => now === null ? null : showDay(localDay(now, timeZone))]],
  ['now', [0, 0, (_, { now }) => now === null ? null : moment(now)]],
  ['date', [1, 1, ([a], { timeZone }) => {
    const at = asInstant(a)
    const day = at === null ? asDay(a) : localDay(at, timeZone)
    return day === null ? null : showDay(day)
  }]],
  ['concat', [1, MANY, (args) => text(args.map(printed).join(''))]],
  ['substr', [2, 3, ([a, from, to = Infinity]) =>
    typeof a === 'string' && typeof from === 'number' && typeof to === 'number' ? text([...a].slice(from, to).join('')) : null]],
])

/** A moment as expressions compare it: UTC with milliseconds. */
export const moment = (at: number): string => new Date(at).toISOString()
export const numberOf = (value: unknown): Value => {
  const number = asNumber(value)
  return number === null ? null : number + 0
}
