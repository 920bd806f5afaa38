/**
 * A draft goes from the version it was begun with to another one: what comes along, what is kept aside, what is new.
 * Moving loses nothing: an answer that the other version has no place for is kept, with the reason. Twin of forms/move.py.
 */

import type { Answer, Answers, AnswerSpec, FormDefinition, Item } from './types'
import { canonical } from './version'

export type Why = 'removed' | 'type' | 'unit' | 'option' | 'repeat' | 'unreadable'

export interface Plan {
  /** Answers by key, as they were. */
  carried: Answers
  /** Those that have no place in the new version. */
  kept: Record<string, { answer: unknown; why: Why }>
  /** Items whose answer is carried though the item reads otherwise now, in the order of the new list. */
  again: string[]
  /** Items that were not there before. */
  added: string[]
}

interface Placed { item: Item; repeated: boolean }

const UNANSWERED = ['note', 'calculated']
// What a person answered to: if one of these reads otherwise now, he looks at his answer again.
const ASKED = ['text', 'standard', 'method', 'answer', 'danger', 'constraint', 'required', 'evidence']

/**
 * What moving these answers would do. `answers`: item id, or `<item>@<row>` in a repeated section; an answer that was
 * taken back (null) is nothing to carry. The server does the same with `submission.move@1`.
 */
export function plan(old: FormDefinition, now: FormDefinition, answers: unknown): Plan {
  const before = items(old)
  const after = items(now)
  const carried: [string, Answer][] = []
  const kept: [string, Plan['kept'][string]][] = []
  const moved = new Set<string>()
  for (const [key, answer] of Object.entries(isObject(answers) ? answers : {})) {
    if (answer === null || answer === undefined) continue
    const [name, ...row] = key.split('@') as [string, ...string[]]
    const why = hindrance(before.get(name), after.get(name), row.join('@') !== '', answer)
    if (why) kept.push([key, { answer, why }])
    else {
      carried.push([key, answer as Answer])
      moved.add(name)
    }
  }
  const again = [...after.keys()].filter((key) => moved.has(key) && reads(before.get(key)!.item) !== reads(after.get(key)!.item))
  const added = [...after].filter(([key, { item }]) => !before.has(key) && kind(item) !== 'note').map(([key]) => key)
  // fromEntries defines own properties, whatever a key is called
  return { carried: Object.fromEntries(carried), kept: Object.fromEntries(kept), again, added }
}

/** Why this answer has no place in the new version; null where it has. */
function hindrance(old: Placed | undefined, now: Placed | undefined, inRow: boolean, answer: unknown): Why | null {
  if (!old || !now) return 'removed'
  if (!isObject(answer)) return 'unreadable'
  const was = spec(old.item)
  const is = spec(now.item)
  if (was.type !== is.type || UNANSWERED.includes(is.type)) return 'type'
  if (now.repeated !== inRow) return 'repeat'
  if (was.unit !== is.unit) return 'unit'
  return is.options && ['choice', 'choices'].includes(is.type) && !offered(answer['value'], is.options) ? 'option' : null
}

function offered(value: unknown, options: readonly { id: string }[]): boolean {
  const given = Array.isArray(value) ? (value as unknown[]) : value === null || value === undefined ? [] : [value]
  return given.every((one) => options.some(({ id }) => id === one))
}

function items(form: FormDefinition): Map<string, Placed> {
  return new Map(form.sections.flatMap((section) =>
    section.items.map((item): [string, Placed] => [item.id, { item, repeated: 'repeat' in section }])))
}

function spec(item: Item): { type: string; unit?: string; options?: readonly { id: string }[] } {
  return item.answer satisfies AnswerSpec
}

function kind(item: Item): string {
  return item.answer.type
}

function reads(item: Item): string {
  return canonical(Object.fromEntries(Object.entries(item).filter(([name]) => ASKED.includes(name)).map(([name, value]) => [name, chinese(value)])))
}

/** Without translations: a mended word of English is nothing to answer anew. */
function chinese(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(chinese)
  if (!isObject(value)) return value
  if (typeof value['zh'] === 'string') return value['zh']
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, chinese(inner)]))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
