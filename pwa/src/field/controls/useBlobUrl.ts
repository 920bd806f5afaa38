/** An address under which the page may show a photo that lies in the store. */
import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { usePorts } from '../ports'

/** `undefined` while it is read, null where this phone does not hold the bytes. */
export function useBlobUrl(sha: () => string | undefined, type = 'image/jpeg'): Readonly<Ref<string | null | undefined>> {
  const { store } = usePorts()
  const url = ref<string | null>()
  const forget = () => url.value && URL.revokeObjectURL(url.value)
  watch(
    sha,
    async (name) => {
      forget()
      url.value = undefined
      if (!name) return
      const bytes = await store.blob(name)
      if (sha() === name) url.value = bytes && URL.createObjectURL(new Blob([bytes], { type }))
    },
    { immediate: true },
  )
  onScopeDispose(forget)
  return url
}
