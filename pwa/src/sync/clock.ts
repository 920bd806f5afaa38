/** Time as the envelope writes it, and as it is handed in, so that a test can stand at midnight. */

/** now: ms since 1970 UTC. mono: whole ms since this boot. offset: minutes east of UTC at a moment. */
export interface Clock {
  now(): number
  mono(): number
  offset(at: number): number
}

/** The clock of this page; each page or worker is a boot of its own. */
export const systemClock: Clock = {
  now: () => Date.now(),
  mono: () => Math.floor(performance.now()),
  offset: (at) => -new Date(at).getTimezoneOffset(),
}

/** Local time with its offset, `2026-03-02T10:15:30.123+08:00`, 29 characters, never Z. */
export function wall(clock: Clock, at = clock.now()): string {
  const offset = clock.offset(at)
  const minutes = Math.abs(offset)
  const two = (n: number) => String(n).padStart(2, '0')
  const local = new Date(at + offset * 60_000).toISOString().slice(0, -1)
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
