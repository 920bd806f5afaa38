/** Marks: full × Σ weight·share / Σ weight over what counts. Twin of forms/score.py. */

import { optionsOf, picked } from './reading'
import type { Answer, Item, Marks, ScoreSpec, Verdict } from './types'
import { rounded } from './values'

export interface Counted {
  key: string
  item: Item
  verdict: Verdict
  answer: Answer | null | undefined
}

export function marks({ full = 100, pass, levels = [], veto = [] }: ScoreSpec, counted: Counted[]): Marks {
  let earned = 0
  let possible = 0
  const vetoed: string[] = []
  for (const { key, item, verdict: { result }, answer } of counted) {
    const { weight = 1 } = item
    if (result === 'fail' && veto.includes(item.id)) vetoed.push(key)
    if (result === 'na') continue
    possible += weight
    earned += weight * share(item, result, answer)
  }
  if (possible === 0) return { value: null, passed: null, level: null, vetoed }
  const value = vetoed.length ? 0 : rounded((full * earned) / possible, 1)
  let level = null
  for (const one of levels) if (one.from <= value && (!level || one.from > level.from)) level = one
  return { value, passed: pass === undefined ? null : value >= pass, level: level && level.text, vetoed }
}

/** The part of the weight that is earned; of several options the worst counts, and a person's fail earns nothing. */
function share(item: Item, result: Verdict['result'], answer: Answer | null | undefined): number {
  const usual = Number(result === 'pass')
  const value = answer?.value
  if (result === 'open' || answer?.result === 'fail' || typeof value !== 'string' || !optionsOf(item).length) return usual
  const options = picked(item, value)
  return options.length ? Math.min(...options.map((one) => one.share ?? usual)) : usual
}
