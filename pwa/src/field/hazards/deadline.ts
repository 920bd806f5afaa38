import { day, instant } from '@/shared/when'

/** Days from today that are one tap away; any other is typed. */
export const DEADLINES = [0, 1, 3, 7] as const

/** The last minute of the local day so many days from now. */
export const endOfDay = (now: Date, days: number): string => instant(day(new Date(now.getTime() + days * 86_400_000)), '23:59')
