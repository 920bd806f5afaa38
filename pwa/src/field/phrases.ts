/** Small phrases made of several words. */
import { day, dayTime, spanTo, time } from '@/shared/when'
import { t } from './i18n'

/** “2 小时 15 分”: the two largest parts, never more than a glance takes. */
export function span({ days, hours, minutes }: { days: number; hours: number; minutes: number }): string {
  if (days) return [t('time.days', { n: days }), ...(hours ? [t('time.hours', { n: hours })] : [])].join(' ')
  if (hours) return [t('time.hours', { n: hours }), ...(minutes ? [t('time.minutes', { n: minutes })] : [])].join(' ')
  return t('time.minutes', { n: minutes })
}

/** Time left before it is due, or how late it is. */
export function timeLeft(due: string, now: Date): string {
  const until = spanTo(due, now)
  return t(until.late ? 'time.late' : 'time.left', { span: span(until) })
}

/** Bytes as a person reads them. */
export function size(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.ceil(bytes / 1e3)} KB`
}

/** Today's times without their date. */
export const dayTimeWords = (at: string, now: Date): string => (day(at) === day(now) ? time(at) : dayTime(at))
