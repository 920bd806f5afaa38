/** Values that tell when they change, without a framework. */

/** `undefined` until it was first read, so that “nothing there” is never a guess. */
export interface Live<T> {
  readonly value: T | undefined
  /** Reads at once, and again whenever something it depends on changes. Returns how to stop. */
  subscribe(told: (value: T) => void): () => void
}

/** What has changed, by name: `rows/hazard`, `record/<id>` (how far it is), `records` (all of them), `phone`. */
export class Topics {
  private readonly listeners = new Map<string, Set<() => void>>()

  on(names: readonly string[], listener: () => void): () => void {
    for (const name of names) this.listeners.set(name, (this.listeners.get(name) ?? new Set()).add(listener))
    return () => names.forEach((name) => this.listeners.get(name)?.delete(listener))
  }

  tell(...names: string[]): void {
    const told = new Set(names.flatMap((name) => [...(this.listeners.get(name) ?? [])]))
    for (const listener of told) listener()
  }
}

/** Its present value. */
export const first = <T>(live: Live<T>): Promise<T> =>
  new Promise((resolve) => {
    const stop = live.subscribe((value) => {
      // A value that is told of at once comes before there is a way to stop.
      queueMicrotask(() => stop())
      resolve(value)
    })
  })

/** Whether it is still to come. Dexie's promises are none of the browser's, and `instanceof` would take them for a value. */
export const comes = <T>(read: T | PromiseLike<T>): read is PromiseLike<T> => typeof (read as { then?: unknown } | null | undefined)?.then === 'function'

/** A value read when one of its topics is told of. A read that a newer one overtook is dropped. */
export function live<T>(topics: Topics, names: readonly string[], read: () => T | PromiseLike<T>): Live<T> {
  let value: T | undefined
  const told = new Set<(value: T) => void>()
  let stop = () => {}
  let latest = 0

  const found = (now: T) => {
    value = now
    for (const tell of told) tell(now)
  }
  const again = () => {
    const turn = ++latest
    const now = read()
    // What needs no waiting is told before whoever changed it goes on.
    if (!comes(now)) return found(now)
    void now.then((later) => turn === latest && found(later))
  }
  return {
    get value() {
      return value
    },
    subscribe(tell) {
      told.add(tell)
      if (told.size === 1) stop = topics.on(names, again)
      again()
      return () => {
        told.delete(tell)
        if (told.size === 0) stop()
      }
    },
  }
}
