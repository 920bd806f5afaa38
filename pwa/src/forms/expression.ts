import type { Expression } from './types'
import { asNumber } from './values'

type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='
const COMPARISONS: Record<Comparison, (a: number, b: number) => boolean> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

/**
 * Is the frozen tree of an author's `. > 50` true of this reading? A comparison with nothing is false, whatever the
 * operator. Trees are checked when a version is published (forms/expression.py); the phone only evaluates.
 */
export function holds(tree: Expression, reading: number | null): boolean {
  if (typeof tree !== 'object' || !('op' in tree)) return false
  const [left, right] = tree.args.map((operand) => (typeof operand === 'object' ? reading : asNumber(operand)))
  return typeof left === 'number' && typeof right === 'number' && (COMPARISONS[tree.op as Comparison]?.(left, right) ?? false)
}
