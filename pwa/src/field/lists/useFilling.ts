/**
 * One submission while it is filled: every tap shows at once, is on disk a moment later, and says so if it is not.
 *
 * Answers are held one by one, so that a tap redraws its own card and not three hundred.
 */
import { computed, reactive, shallowReactive, watch, type ComputedRef } from 'vue'
import type { Answer } from '@/forms/types'
import { usePorts, type SubmissionRow } from '../ports'

export interface Filling {
  /** By key: the item's id, in a repeated section `item@row`; null where one was taken back. */
  answers: Readonly<Record<string, Answer | null>>
  /** Items whose last tap is not on disk: on its way, or refused by the disk. */
  unsaved: Readonly<Record<string, 'saving' | 'failed'>>
  settled: ComputedRef<boolean>
  answer(key: string, answer: Answer | null): Promise<void>
}

const same = (one: Answer | null | undefined, other: Answer | null | undefined) => JSON.stringify(one) === JSON.stringify(other)

/** The photos of an answer, and a signature, which is kept as a picture too. */
const picturesOf = (answer: Answer | null): string[] =>
  [...(answer?.photos ?? []), ...(typeof answer?.value === 'string' && answer.value.startsWith('sha256:') ? [answer.value] : [])]

/** by: who answers, where several fill one sheet. */
export function useFilling(row: () => SubmissionRow | null | undefined, by: () => string | undefined = () => undefined): Filling {
  const { store } = usePorts()
  const answers = shallowReactive<Record<string, Answer | null>>({})
  const unsaved = reactive<Record<string, 'saving' | 'failed'>>({})

  watch(
    row,
    (now, before) => {
      // What a move to another version kept aside is no answer any more.
      if (before && now && before.form !== now.form) for (const item of Object.keys(answers)) if (!(item in now.answers)) delete answers[item]
      for (const [item, answer] of Object.entries(now?.answers ?? {})) {
        // What he just tapped is newer than what the disk says.
        if (!unsaved[item] && !same(answers[item], answer)) answers[item] = answer
      }
    },
    { immediate: true },
  )

  async function answer(key: string, given: Answer | null) {
    const id = row()?.id
    if (!id) return
    const who = by()
    const written = row()?.from_paper?.at
    // What was written by hand has the paper's time, not that of the tap that enters it.
    const next = given && { ...given, ...(who && { by: who }), ...(written && { at: written }) }
    answers[key] = next
    unsaved[key] = 'saving'
    try {
      await store.act('submission.answer@1', id, { answers: { [key]: next } }, { blobs: picturesOf(next) })
      // A newer tap on the same item has its own word to wait for.
      if (answers[key] === next) delete unsaved[key]
    } catch {
      if (answers[key] === next) unsaved[key] = 'failed'
    }
  }

  return { answers, unsaved, settled: computed(() => Object.keys(unsaved).length === 0), answer }
}
