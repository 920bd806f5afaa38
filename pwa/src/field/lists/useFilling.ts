/**
 * One submission while it is filled: every tap shows at once, is on disk a moment later, and says so if it is not.
 *
 * Answers are held one by one, so that a tap redraws its own card and not three hundred.
 */
import { computed, reactive, shallowReactive, watch, type ComputedRef } from 'vue'
import type { Answer } from '@/forms/types'
import { usePorts, type SubmissionRow } from '../ports'

export interface Filling {
  answers: Readonly<Record<string, Answer>>
  /** Items whose last tap is not on disk: on its way, or refused by the disk. */
  unsaved: Readonly<Record<string, 'saving' | 'failed'>>
  settled: ComputedRef<boolean>
  answer(item: string, answer: Answer): Promise<void>
}

const same = (one: Answer | undefined, other: Answer | undefined) => JSON.stringify(one) === JSON.stringify(other)

/** by: who answers, where several fill one sheet. */
export function useFilling(row: () => SubmissionRow | null | undefined, by: () => string | undefined = () => undefined): Filling {
  const { store } = usePorts()
  const answers = shallowReactive<Record<string, Answer>>({})
  const unsaved = reactive<Record<string, 'saving' | 'failed'>>({})

  watch(
    row,
    (now) => {
      for (const [item, answer] of Object.entries(now?.answers ?? {})) {
        // What he just tapped is newer than what the disk says.
        if (!unsaved[item] && !same(answers[item], answer)) answers[item] = answer
      }
    },
    { immediate: true },
  )

  async function answer(item: string, given: Answer) {
    const id = row()?.id
    if (!id) return
    const who = by()
    const next = who ? { ...given, by: who } : given
    answers[item] = next
    unsaved[item] = 'saving'
    try {
      await store.act('submission.answer@1', id, { answers: { [item]: next } }, { blobs: next.photos ?? [] })
      // A newer tap on the same item has its own word to wait for.
      if (answers[item] === next) delete unsaved[item]
    } catch {
      if (answers[item] === next) unsaved[item] = 'failed'
    }
  }

  return { answers, unsaved, settled: computed(() => Object.keys(unsaved).length === 0), answer }
}
