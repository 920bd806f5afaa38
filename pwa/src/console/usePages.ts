/** A list that comes page by page, by key: the first page anew whenever the filters change, the next on demand. */
import { computed, ref } from 'vue'
import type { WatchSource } from 'vue'
import { useAnswer } from './useAnswer'

export interface Page<T> { items: T[]; next: string | null }

export function usePages<T>(ask: (cursor?: string) => Promise<Page<T>>, source: WatchSource<unknown> | WatchSource<unknown>[]) {
  const more = ref<T[]>([])
  const cursor = ref<string | null>(null)
  const first = useAnswer(async () => {
    const page = await ask()
    more.value = []
    cursor.value = page.next
    return page
  }, source)
  const busy = ref(false)

  async function goOn() {
    if (!cursor.value || busy.value) return
    busy.value = true
    try {
      const page = await ask(cursor.value)
      more.value = [...more.value, ...page.items] as typeof more.value
      cursor.value = page.next
    } finally {
      busy.value = false
    }
  }

  const items = computed(() => (first.data.value ? [...first.data.value.items, ...(more.value as T[])] : undefined))
  return { items, more: computed(() => cursor.value !== null), goOn, busy, error: first.error, loading: first.loading, reload: first.reload }
}
