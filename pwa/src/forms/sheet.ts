/**
 * A list while it is filled: its rows, what is relevant, what is calculated, the verdict on each answer. An edit finds
 * anew only what depends on it. Twin of forms/sheet.py, which finds all of it at once.
 *
 * An answer in a repeated section is kept under "item@row". A row exists while any of its items has an answer that is
 * not null; rows stand in the order of their ids. What is not relevant is empty to expressions; its answer is kept.
 */

import { evaluate, holds, type Scope } from './evaluate'
import { graphOf } from './graph'
import { isDemanded, judge } from './judge'
import { limitsOf } from './limits'
import { problem, valueOf } from './reading'
import { marks, type Counted } from './score'
import type { Answer, Answers, Expression, FormDefinition, Item, PinnedLimits, Section, SubmissionVerdict, Value, Verdict } from './types'
import { asInstant, rounded, TIME_ZONE } from './values'

const KEY = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63})@([0-9a-z]{1,16})$/
const MOST_ROWS = 100

export interface SheetOptions {
  answers?: Record<string, Answer | null>
  /** Ids of the items that are due (dueItems); absent: all. */
  asked?: readonly string[] | undefined
  /** Of the place where it is filled: evidence may be waived there ("blasting"). */
  zones?: readonly string[]
  timeZone?: string
}

export interface Sheet {
  /** Keeps an answer (null: takes it back); returns the keys whose verdict or relevance may have changed. */
  set(key: string, answer: Answer | null): string[]
  /** The verdict if this were the answer, without keeping it. */
  preview(key: string, answer: Answer | null | undefined): Verdict
  /** null: a note, not relevant, or neither asked nor answered. */
  verdict(key: string): Verdict | null
  /** Of a key, or of a section's id. A row that nobody has begun may be asked for too. */
  relevant(key: string): boolean
  /** The rows of a repeated section, in order. */
  rows(section: string): string[]
  /** What expressions see of it; of a calculated item its value. */
  value(key: string): Value
  /** The verdict on the whole list as it stands. */
  readonly result: SubmissionVerdict
}

/** The item and the row of an answer's key: "CO@3f" → ["CO", "3f"]. */
export function splitKey(key: string): [item: string, row: string | null] {
  const found = KEY.exec(key)
  return found ? [found[1]!, found[2]!] : [key, null]
}

export const joinKey = (item: string, row: string | null): string => (row === null ? item : `${item}@${row}`)

/** The verdict on a whole list: every relevant item that is asked (dueItems; absent: all) or has been answered. */
export function judgeSubmission(
  definition: FormDefinition, limits: PinnedLimits, answers: Answers, now: string, asked?: string[],
  timeZone: string = TIME_ZONE, zones: readonly string[] = [],
): SubmissionVerdict {
  return openSheet(definition, limits, now, { answers, asked, timeZone, zones }).result
}

/** now: ISO 8601 with offset, pinned when the form was opened. */
export function openSheet(definition: FormDefinition, limits: PinnedLimits, now: string, options: SheetOptions = {}): Sheet {
  const { asked, zones = [], timeZone = TIME_ZONE } = options
  const { sections, items, order, dependents, judged } = graphOf(definition)
  const at = asInstant(now)
  const due = asked && new Set(asked)
  const answers = new Map<string, Answer | null>(Object.entries(options.answers ?? {}))
  const rows = new Map<string, string[]>()
  const shown = new Map<string, boolean>() // relevance by key, of a section by its unit
  const values = new Map<string, Value>()
  const verdicts = new Map<string, Verdict | null>()
  /** During an edit: units whose rows changed, so that what depends on them is found anew even if they look the same. */
  const fresh = new Set<string>()
  let result: SubmissionVerdict | null = null

  const rowsOf = ({ id, repeat }: Section): (string | null)[] => (repeat ? (rows.get(id) ?? []) : [null])
  const isAnswered = (key: string) => (answers.get(key) ?? null) !== null
  const isShown = ({ id }: Section) => shown.get(`s:${id}`) ?? true

  function scope(from: Section, row: string | null, own: Value = null): Scope {
    const inner = (section: Section) => !section.repeat || section.id === from.id
    return {
      own, now: at, timeZone,
      item(name) {
        const section = items.get(name)?.section
        return section && inner(section) ? (values.get(joinKey(name, section.repeat ? row : null)) ?? null) : null
      },
      every(name) {
        const section = items.get(name)?.section
        return !section || inner(section) ? null : rowsOf(section).map((one) => values.get(joinKey(name, one)) ?? null)
      },
      rows(name) {
        const section = sections.get(name)
        if (!section?.repeat) return null
        return isShown(section) ? (rows.get(name)?.length ?? 0) : 0
      },
    }
  }

  function isRelevant({ relevant }: Item, section: Section, row: string | null): boolean {
    return isShown(section) && (relevant === undefined || holds(relevant, scope(section, row)))
  }

  function valueAt(item: Item, section: Section, row: string | null): Value {
    const { answer } = item
    if (answer.type !== 'calculated') return valueOf(item, answers.get(joinKey(item.id, row)))
    const value = evaluate(answer.formula, scope(section, row))
    return typeof value === 'number' && answer.decimals !== undefined ? rounded(value, answer.decimals) + 0 : value
  }

  /** Finds a unit anew; was it otherwise before? */
  function find(unit: string, touched: string[]): boolean {
    const name = unit.slice(2)
    if (unit.startsWith('s:')) {
      const { relevant } = sections.get(name)!
      return put(shown, unit, relevant === undefined || holds(relevant as Expression, scope(sections.get(name)!, null)))
    }
    const { item, section } = items.get(name)!
    let changed = false
    for (const row of rowsOf(section)) {
      const key = joinKey(name, row)
      const seen = put(shown, key, isRelevant(item, section, row))
      if (put(values, key, shown.get(key) ? valueAt(item, section, row) : null) || seen) {
        changed = true
        touched.push(key)
      }
    }
    return changed
  }

  /** Finds the units anew, and all that depends on those that changed, each once. */
  function findFrom(units: Set<string>): string[] {
    const touched: string[] = []
    let left = units.size
    for (const unit of order) {
      if (left === 0) break
      if (!units.has(unit)) continue
      left -= 1
      if (!find(unit, touched) && !fresh.has(unit)) continue
      for (const next of dependents.get(unit) ?? []) {
        left += Number(!units.has(next))
        units.add(next)
      }
    }
    return touched
  }

  function setRows(section: Section): boolean {
    const found = new Set<string>()
    for (const [key, answer] of answers) {
      const [name, row] = splitKey(key)
      if (row !== null && (answer ?? null) !== null && items.get(name)?.section === section) found.add(row)
    }
    const sorted = [...found].sort().slice(0, MOST_ROWS)
    const changed = sorted.join() !== rows.get(section.id)?.join()
    rows.set(section.id, sorted)
    return changed
  }

  for (const section of definition.sections) if (section.repeat) setRows(section)
  findFrom(new Set(order))

  function set(key: string, answer: Answer | null): string[] {
    answers.set(key, answer)
    result = null
    const [name, row] = splitKey(key)
    const section = items.get(name)?.section
    if (!section) return [key]
    const touched = new Set([key])
    const before = rowsOf(section)
    if (row !== null && section.repeat && setRows(section)) {
      fresh.add(`s:${section.id}`)
      for (const { id } of section.items) {
        fresh.add(`i:${id}`)
        for (const one of [...before, ...rowsOf(section)]) touched.add(joinKey(id, one))
      }
    }
    for (const one of findFrom(new Set([`i:${name}`, ...fresh]))) touched.add(one)
    fresh.clear()
    for (const one of [...touched])
      for (const other of judged.get(splitKey(one)[0]) ?? [])
        for (const each of rowsOf(items.get(other)!.section)) touched.add(joinKey(other, each))
    for (const one of touched) verdicts.delete(one)
    return [...touched]
  }

  function preview(key: string, answer: Answer | null | undefined): Verdict {
    const [name, row] = splitKey(key)
    const { item, section } = items.get(name)!
    const own = item.answer.type === 'calculated' ? valueAt(item, section, row) : valueOf(item, answer)
    return judge(item, answer, limits[name], now, timeZone, scope(section, row, own), zones)
  }

  function verdict(key: string): Verdict | null {
    let known = verdicts.get(key)
    if (known === undefined) verdicts.set(key, (known = isJudged(key) ? preview(key, answers.get(key)) : null))
    return known
  }

  function isJudged(key: string): boolean {
    const [name] = splitKey(key)
    return items.get(name)?.item.answer.type !== 'note' && relevant(key) && (!due || due.has(name) || isAnswered(key))
  }

  function relevant(key: string): boolean {
    const known = shown.get(key)
    if (known !== undefined) return known
    const [name, row] = splitKey(key)
    const one = items.get(name)
    if (one) return isRelevant(one.item, one.section, row)
    const section = sections.get(key)
    return section !== undefined && isShown(section)
  }

  function judgeAll(): SubmissionVerdict {
    const counts = { total: 0, done: 0, pass: 0, fail: 0, na: 0, open: 0, danger: 0 }
    const all: Record<string, Verdict> = {}
    const lacking: SubmissionVerdict['lacking'] = []
    const irrelevant: string[] = []
    const strangers = new Set([...answers.keys()].filter(isAnswered))
    const counted: Counted[] = []
    for (const section of definition.sections)
      for (const row of rowsOf(section))
        for (const item of section.items) {
          if (item.answer.type === 'note') continue
          const key = joinKey(item.id, row)
          const kept = strangers.delete(key)
          const one = verdict(key)
          if (!one) {
            if (kept) irrelevant.push(key)
            continue
          }
          all[key] = one
          for (const each of one.problems) lacking.push({ item: key, ...each })
          if (!doesCount(item, one)) continue
          counted.push({ key, item, verdict: one, answer: answers.get(key) })
          counts.total += 1
          counts[one.result] += 1
          counts.done += Number(one.done)
          counts.danger += Number(one.danger !== null)
        }
    for (const section of definition.sections) lacking.push(...rowsLacking(section))
    const { score } = definition
    return {
      items: all, counts, complete: lacking.length === 0, lacking, irrelevant, strangers: [...strangers].sort(),
      score: score ? marks(score, counted) : null,
    }
  }

  /** Too few rows in a repeated section, or too many. */
  function rowsLacking(section: Section): SubmissionVerdict['lacking'] {
    const { id, repeat, items: own } = section
    if (!repeat || !isShown(section) || (due && !own.some((item) => due.has(item.id)))) return []
    const { min: least = 0, max: most = 20 } = repeat
    const count = rows.get(id)?.length ?? 0
    if (count < least) return [{ item: id, ...problem('rows_missing', { least, rows: count }) }]
    return count > most ? [{ item: id, ...problem('too_many_rows', { most, rows: count }) }] : []
  }

  return {
    set, preview, verdict, relevant,
    rows: (section) => [...(rows.get(section) ?? [])],
    value: (key) => values.get(key) ?? null,
    get result() {
      return (result ??= judgeAll())
    },
  }
}

/** What need not be answered counts once it says something; a calculated value once a limit judges it. */
function doesCount(item: Item, verdict: Verdict): boolean {
  if (item.answer.type === 'calculated' && !limitsOf(item).length) return false
  return isDemanded(item) || verdict.result !== 'open' || verdict.problems.length > 0
}

function put<T>(map: Map<string, T>, key: string, value: T): boolean {
  const changed = map.get(key) !== value
  map.set(key, value)
  return changed
}
