/** An answer of the server as a screen needs it: loading, there, or wrong with a way to try again. */
import { onScopeDispose, ref, shallowRef, watch, type Ref, type WatchSource } from 'vue'

export interface Answer<T> {
  data: Readonly<Ref<T | undefined>>
  /** What went wrong last; the data of before stays on the screen. */
  error: Readonly<Ref<unknown>>
  loading: Readonly<Ref<boolean>>
  reload: () => Promise<void>
  /** Put an answer in that came with a write. */
  set: (data: T) => void
}

/** Asks now and whenever `source` changes; a slow answer to an older question is thrown away. */
export function useAnswer<T>(ask: () => Promise<T>, source?: WatchSource<unknown> | WatchSource<unknown>[]): Answer<T> {
  const data = shallowRef<T>()
  const error = shallowRef<unknown>()
  const loading = ref(true)
  let turn = 0

  async function reload() {
    const mine = ++turn
    loading.value = true
    try {
      const answer = await ask()
      if (mine === turn) [data.value, error.value] = [answer, undefined]
    } catch (wrong) {
      if (mine === turn) error.value = wrong
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  if (source) watch(source, reload)
  onScopeDispose(() => turn++)
  void reload()
  return { data, error, loading, reload, set: (next) => ([data.value, error.value] = [next, undefined]) }
}
