/** The engine's live values as Vue's. */
import { getCurrentScope, onScopeDispose, shallowRef } from 'vue'
import type { Live as EngineLive } from '@/sync'
import type { Live } from '../ports'

/** Follows it while the scope lives in which this is called; outside any, for ever. `undefined` until it was read. */
export function follow<T>(live: EngineLive<T>): Live<T | undefined> {
  const value = shallowRef<T>()
  const stop = live.subscribe((now) => (value.value = now))
  if (getCurrentScope()) onScopeDispose(stop)
  return value
}
