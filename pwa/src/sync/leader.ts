/** One tab at a time speaks for a vault; the Web Lock says which. */

const STOLEN_AFTER_MS = 90_000

/**
 * Does the work if no other tab is at it; else returns null at once, since the other tab does the same work.
 *
 * since: when the last exchange of it began. A page that was put to sleep (iOS) keeps its lock: after 90 s, three times
 * what an exchange may take, the lock is taken from it. That is safe, because whatever an answer changes is compared first.
 */
export async function inTurn<T>(locks: Pick<LockManager, 'request'>, name: string, since: number, now: number, work: () => Promise<T>): Promise<T | null> {
  const steal = since > 0 && now - since > STOLEN_AFTER_MS
  return (await locks.request(name, steal ? { steal } : { ifAvailable: true }, (lock) => (lock ? work() : null))) as T | null
}
