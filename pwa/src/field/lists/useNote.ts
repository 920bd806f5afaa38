/** Words that are being typed: kept soon after the last key, at once when he leaves the field or the screen. */
import { onBeforeUnmount, ref, watch, type Ref } from 'vue'

const QUIET_MS = 500

export function useNote(kept: () => string | undefined, keep: (text: string) => void): { text: Ref<string>; flush: () => void } {
  const text = ref(kept() ?? '')
  let timer: ReturnType<typeof setTimeout> | undefined

  function flush() {
    clearTimeout(timer)
    timer = undefined
    if (text.value !== (kept() ?? '')) keep(text.value)
  }

  watch(text, () => {
    clearTimeout(timer)
    timer = setTimeout(flush, QUIET_MS)
  })
  // What comes from elsewhere (another tab) shows, unless he is typing just now.
  watch(kept, (now) => {
    if (timer === undefined) text.value = now ?? ''
  })
  onBeforeUnmount(flush)
  return { text, flush }
}
