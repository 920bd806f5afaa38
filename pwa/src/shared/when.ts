/** Times in words, in the mine's zone whatever the phone's is set to. */
import { onScopeDispose, readonly, ref, type Ref } from 'vue'

const ZONE = 'Asia/Shanghai'
const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, hourCycle: 'h23', ...options })
const DAY = format({ year: 'numeric', month: '2-digit', day: '2-digit' })
const TIME = format({ hour: '2-digit', minute: '2-digit' })

/** 2026-03-02 */
export const day = (at: string | Date): string => DAY.format(new Date(at))
/** 07:40 */
export const time = (at: string | Date): string => TIME.format(new Date(at))
/** 03-02 07:40 */
export const dayTime = (at: string | Date): string => `${day(at).slice(5)} ${time(at)}`

/** The instant of a wall-clock time there: "2026-03-02", "16:00" → ISO 8601 with its offset. */
export const instant = (date: string, clock: string): string => `${date}T${clock}:00+08:00`

/** An instant as records carry it: with the offset of the clock on the wall there, as the paper will print it. */
export const stamp = (at = new Date()): string => {
  const there = new Date(at.getTime() + 8 * 3_600_000)
  return there.toISOString().replace('Z', '+08:00')
}

export interface Span { days: number; hours: number; minutes: number; late: boolean }

/** How long until (or since) an instant, in whole minutes. */
export function spanTo(at: string | Date, now: Date): Span {
  const minutes = Math.round((new Date(at).getTime() - now.getTime()) / 60_000)
  const size = Math.abs(minutes)
  return { days: Math.floor(size / 1440), hours: Math.floor((size % 1440) / 60), minutes: size % 60, late: minutes < 0 }
}

/** The present, moving on by half minutes while the scope lives. */
export function useNow(): Readonly<Ref<Date>> {
  const now = ref(new Date())
  const timer = setInterval(() => (now.value = new Date()), 30_000)
  onScopeDispose(() => clearInterval(timer))
  return readonly(now) as Readonly<Ref<Date>>
}

/** 2026-03-02T10:15+08:00, the minute that a paper prints. */
export const minute = (at: string): string => `${day(at)}T${time(at)}+08:00`
