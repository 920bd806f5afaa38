/** A list that is being filled: because a task asks for it, or because somebody began it himself. */
import { computed, type ComputedRef } from 'vue'
import type { FormDefinition } from '@/forms/types'
import { usePorts, type FormRow, type Live, type MineRow, type SubmissionRow, type TaskRow } from '../ports'

export interface Listing {
  /** undefined until it was read; null for a list without one, or one that is not here. */
  task: Live<TaskRow | null | undefined>
  submission: ComputedRef<SubmissionRow | undefined>
  /** Whether the phone was looked through for it. */
  read: ComputedRef<boolean>
  form: ComputedRef<FormRow | undefined>
  forms: Live<readonly FormRow[] | undefined>
  definition: ComputedRef<FormDefinition | undefined>
  /** Ids of the items that are due; null: all. */
  asked: ComputedRef<string[] | null>
  mine: ComputedRef<MineRow | undefined>
  /** Its address, without what follows. */
  path: string
}

/** id: of the task, or of the submission that is his own. */
export function useListing(id: string, own: boolean): Listing {
  const { store } = usePorts()
  const task = own ? computed(() => null) : store.row('task', id)
  const submissions = store.rows('submission', own ? { id } : { task: id })
  const forms = store.rows('form')
  const mines = store.rows('mine')
  const submission = computed(() => submissions.value?.[0])
  const form = computed(() => forms.value?.find((one) => one.id === (submission.value ?? task.value)?.form))
  return {
    task,
    submission,
    read: computed(() => submissions.value !== undefined && task.value !== undefined),
    form,
    forms,
    definition: computed(() => form.value?.definition),
    asked: computed(() => submission.value?.asked ?? task.value?.asked ?? null),
    mine: computed(() => mines.value?.find((row) => row.id === (submission.value ?? task.value)?.mine)),
    path: own ? `/own/${id}` : `/lists/${id}`,
  }
}
