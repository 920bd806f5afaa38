/**
 * Hybrid logical clock: 48-bit ms, 16-bit counter, 32-bit node; 24 hex digits whose text order is time order.
 *
 * It breaks ties and is shown in audits; it decides no legally relevant field. Drift never throws.
 * Twin of sync/hlc.py. Source: Kulkarni et al., Logical Physical Clocks, 2014.
 */
export interface Hlc { ms: number; counter: number; node: number }

export const MAX_DRIFT_MS = 300_000
const LAST_MS = 2 ** 48 - 1
const LAST_COUNTER = 0xffff

export const write = ({ ms, counter, node }: Hlc): string =>
  ms.toString(16).padStart(12, '0') + counter.toString(16).padStart(4, '0') + node.toString(16).padStart(8, '0')

/** Throws RangeError when it is not 24 lower-case hex digits. */
export function parse(reading: string): Hlc {
  if (!/^[0-9a-f]{24}$/.test(reading)) throw new RangeError('an HLC is 24 lower-case hex digits')
  return { ms: parseInt(reading.slice(0, 12), 16), counter: parseInt(reading.slice(12, 16), 16), node: parseInt(reading.slice(16), 16) }
}

/** The next reading for something that happens here; last.node is this node. */
export const send = (last: Hlc, now: number): Hlc => (now > last.ms ? fresh(now, last.node) : after(last.ms, last.counter, last.node))

/** The next reading here after hearing of another, and whether the other had to be pulled back. */
export function receive(last: Hlc, remote: Hlc, now: number): { next: Hlc; suspect: boolean } {
  const { clamped: heard, suspect } = clamp(remote, now)
  if (now > last.ms && now > heard.ms) return { next: fresh(now, last.node), suspect }
  if (heard.ms > last.ms) return { next: after(heard.ms, heard.counter, last.node), suspect }
  const counter = heard.ms === last.ms ? Math.max(last.counter, heard.counter) : last.counter
  return { next: after(last.ms, counter, last.node), suspect }
}

/** A reading no further ahead than now + 5 min. */
export function clamp(remote: Hlc, now: number): { clamped: Hlc; suspect: boolean } {
  if (remote.ms <= now + MAX_DRIFT_MS) return { clamped: remote, suspect: false }
  return { clamped: { ...remote, ms: Math.min(now + MAX_DRIFT_MS, LAST_MS) }, suspect: true }
}

const fresh = (now: number, node: number): Hlc => ({ ms: Math.min(now, LAST_MS), counter: 0, node })

function after(ms: number, counter: number, node: number): Hlc {
  if (counter < LAST_COUNTER) return { ms, counter: counter + 1, node }
  return ms < LAST_MS ? { ms: ms + 1, counter: 0, node } : { ms, counter, node }
}
