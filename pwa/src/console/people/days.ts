/** Days of a role as instants there: its first day begins at once when it is today, its last day counts whole. */
import { instant } from '@/shared/when'
import { shiftDay, today } from '../times'

/** How many days back a role may be entered afterwards, as the server has it. */
export const AFTERWARDS = 90
export const startOfDay = (day: string): string | null => (!day || day === today() ? null : instant(day, '00:00'))
/** The midnight that ends the day. */
export const endOfDay = (day: string): string | null => (day ? instant(shiftDay(day, 1), '00:00') : null)
