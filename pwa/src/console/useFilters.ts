/** Filters live in the address: what is looked at can be kept, sent to a colleague, and gone back from. */
import { computed } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'

export function useFilters<K extends string>(...names: K[]) {
  const route = useRoute()
  const router = useRouter()

  /** The filters that stand in the address, by name. */
  const filters = computed(() => {
    const found: Partial<Record<K, string>> = {}
    for (const name of names) {
      const value = route.query[name]
      if (typeof value === 'string' && value) found[name] = value
    }
    return found
  })

  /** The address of here with some filters changed; undefined takes one away. */
  const link = (changes: Partial<Record<K, string | undefined>>): { query: LocationQueryRaw } => {
    const query: LocationQueryRaw = {}
    for (const [name, value] of Object.entries({ ...filters.value, ...changes })) if (value) query[name] = value as string
    return { query }
  }
  const set = (changes: Partial<Record<K, string | undefined>>) => router.replace(link(changes))
  /** The same filters on a file's address. */
  const file = (path: string) => {
    const query = new URLSearchParams(filters.value as Record<string, string>).toString()
    return query ? `${path}?${query}` : path
  }

  return { filters, link, set, file }
}
