/**
 * Which items of a list are due: a list shows what its post and place ask for since each item was last done. When in
 * doubt an item is due. Twin of forms/due.py.
 */

import type { FormDefinition, Item } from './types'
import { asInstant, calendarOf, localDay, TIME_ZONE } from './values'

// Wide on purpose: asking a winter item in a mild November costs a tap. A mine or its jurisdiction may set its own.
const WINTER = [11, 12, 1, 2, 3]

export interface Situation {
  /** ISO 8601 with offset, pinned when the list is opened. */
  now: string
  shiftStarted?: string
  /** Last time of each event by name, e.g. { rain, flood }; `after:rain` and `on:event` items wait for it. */
  happened?: Record<string, string>
  winter?: number[]
  timeZone?: string
}

/** Ids of the items to be asked, in the list's order. lastDone: ISO time by item id. */
export function dueItems(definition: FormDefinition, lastDone: Record<string, string>, situation: Situation): string[] {
  const items = definition.sections.flatMap((section) => section.items)
  return items.filter((item) => isDue(item, own(lastDone, item.id), situation)).map((item) => item.id)
}

/** Is this item to be asked now, having last been done then (undefined: never)? */
export function isDue(item: Item, lastDone: string | undefined, situation: Situation): boolean {
  const { winter = WINTER, timeZone = TIME_ZONE, happened = {} } = situation
  const now = asInstant(situation.now)
  if (now === null) return true
  const today = localDay(now, timeZone)
  if (item.season === 'winter' && !winter.includes(calendarOf(today).month)) return false
  const done = asInstant(lastDone)
  const last = done !== null && done > now ? null : done
  const { frequency } = item
  if (frequency === undefined) return true
  if (frequency.includes(':')) {
    const event = asInstant(own(happened, frequency.slice(frequency.indexOf(':') + 1)))
    return event !== null && (last === null || last < event)
  }
  if (last === null) return true
  if (frequency === 'shift') {
    const started = asInstant(situation.shiftStarted)
    return started === null || last < started
  }
  return period(frequency, localDay(last, timeZone)) !== period(frequency, today)
}

/** The calendar period that a day belongs to; weeks begin on Monday (ISO 8601). */
function period(frequency: string, day: number): number {
  const { year, month, weekday } = calendarOf(day)
  switch (frequency) {
    case 'week': return day - weekday
    case 'month': return year * 12 + month
    case 'quarter': return year * 4 + Math.floor((month - 1) / 3)
    case 'year': return year
    default: return day
  }
}

const own = (record: Record<string, string>, key: string): string | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined
