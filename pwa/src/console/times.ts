/** Times as a desk reads them: short in a table, in full where one looks twice. */
import { day, dayTime, spanTo, time } from '@/shared/when'
import { t } from './i18n'

/** 03-02 07:40, with the year when it is not this one. */
export const short = (at: string, now = new Date()): string => (day(at).slice(0, 4) === day(now).slice(0, 4) ? dayTime(at) : full(at))
export const full = (at: string): string => `${day(at)} ${time(at)}`

/** How long it has been, in the one unit that matters. */
export function age(at: string, now: Date): string {
  const { days, hours, minutes } = spanTo(at, now)
  return days ? t('time.days', { n: days }) : hours ? t('time.hours', { n: hours }) : t('time.minutes', { n: minutes })
}

/** Today there, as the server's filters take it. */
export const today = (): string => day(new Date())
export const shiftDay = (from: string, by: number): string => new Date(Date.parse(`${from}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10)
