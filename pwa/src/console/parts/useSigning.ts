/** Asks for a signature in the middle of an act: the pad opens, and the act goes on with the strokes or not at all. */
import { ref } from 'vue'
import type { Strokes } from '@/shared/strokes'

export function useSigning() {
  const signing = ref(false)
  let answer: (strokes?: Strokes) => void = () => {}
  return {
    signing,
    /** The strokes; undefined when he closed the pad. */
    ask(): Promise<Strokes | undefined> {
      signing.value = true
      return new Promise((resolve) => (answer = resolve))
    },
    done(strokes?: Strokes) {
      signing.value = false
      answer(strokes)
    },
  }
}
