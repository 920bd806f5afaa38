/**
 * Readings as the engine understands them, the same to the last bit in forms/values.py: IEEE 754 doubles printed as
 * ECMAScript prints them, days counted in the form's time zone. Total: what cannot be read is null.
 */

export const TIME_ZONE = 'Asia/Shanghai'

const DAY = '((?:19|20|21)\\d{2})-(\\d{2})-(\\d{2})'
const DATE = new RegExp(`^${DAY}$`)
const INSTANT = new RegExp(
  `^${DAY}T([01]\\d|2[0-3]):([0-5]\\d)(?::([0-5]\\d)(?:\\.(\\d{1,9}))?)?(?:Z|([+-])([01]\\d):([0-5]\\d))$`,
)
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const FIXED_SINCE = Date.UTC(1992, 0, 1)

/** A finite double, or null: neither booleans nor words nor numbers beyond 1.8e308 are readings. */
export function asNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** The number as the server prints it too: 24 → "24", 1e21 → "1e+21". */
export const show = (value: number): string => String(value)

/** Rounded half up to `decimals` places (0..6), by the same operations on doubles as the server's. */
export function rounded(value: number, decimals: number): number {
  const scale = 10 ** decimals
  const scaled = value * scale
  return Math.abs(scaled) < 2 ** 52 ? Math.floor(scaled + 0.5) / scale : value
}

export const isBlank = (text: string): boolean => /^\s*$/.test(text)

/** Length in code points: 张三 is 2, 😀 is 1. */
export const length = (text: string): number => [...text].length

/** Days since 1970-01-01 of a day "YYYY-MM-DD" of the years 1900 to 2199, or null. */
export function asDay(value: unknown): number | null {
  const found = typeof value === 'string' ? DATE.exec(value) : null
  return found && dayNumber(found)
}

/** Milliseconds since 1970 of an ISO 8601 text with an offset, or null. */
export function asInstant(value: unknown): number | null {
  const found = typeof value === 'string' ? INSTANT.exec(value) : null
  const day = found && dayNumber(found)
  if (!found || day === null) return null
  const [hour, minute, second, fraction, sign, offsetHours, offsetMinutes] = found.slice(4)
  const clock = (Number(hour) * 60 + Number(minute)) * 60_000 + Number(second ?? 0) * 1000
  const offset = (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * 60_000 * (sign === '-' ? 1 : -1)
  return day * DAY_MS + clock + Number((fraction ?? '0').slice(0, 3).padEnd(3, '0')) + offset
}

/** The calendar day of a moment at the mine, in days since 1970-01-01. */
export function localDay(moment: number, timeZone: string = TIME_ZONE): number {
  // China has kept UTC+8 all the year since 1992; asking Intl costs more than judging the item.
  if (timeZone === TIME_ZONE && moment >= FIXED_SINCE) return Math.floor((moment + 8 * HOUR_MS) / DAY_MS)
  const parts = Object.fromEntries(calendar(timeZone).formatToParts(moment).map((part) => [part.type, part.value]))
  return Date.UTC(Number(parts['year']), Number(parts['month']) - 1, Number(parts['day'])) / DAY_MS
}

/** Year, month 1..12 and weekday (Monday 0) of a day number. */
export function calendarOf(day: number): { year: number; month: number; weekday: number } {
  const date = new Date(day * DAY_MS)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, weekday: (date.getUTCDay() + 6) % 7 }
}

/** "YYYY-MM-DD" of a day number. */
export const showDay = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10)

function dayNumber(found: RegExpExecArray): number | null {
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])]
  const ms = Date.UTC(year, month - 1, day)
  // Date.UTC carries 31 April over to May; a day that does not come back the same was none.
  return new Date(ms).getUTCMonth() === month - 1 ? ms / DAY_MS : null
}

// Making a formatter costs a millisecond on a slow phone; a list asks for it per item.
const calendars = new Map<string, Intl.DateTimeFormat>()

function calendar(timeZone: string): Intl.DateTimeFormat {
  let known = calendars.get(timeZone)
  if (!known) {
    const form = { calendar: 'gregory', numberingSystem: 'latn', year: 'numeric', month: 'numeric', day: 'numeric' } as const
    try {
      known = new Intl.DateTimeFormat('en', { ...form, timeZone })
    } catch {
      known = new Intl.DateTimeFormat('en', { ...form, timeZone: TIME_ZONE })
    }
    calendars.set(timeZone, known)
  }
  return known
}
