import { effectScope, shallowRef, watch } from 'vue'
import { usePorts, type Live, type RecordStatus } from '../ports'

/** How far a record is; follows another one when `entity` names another. */
export function useStatus(entity: () => string | undefined): Live<RecordStatus | undefined> {
  const { store } = usePorts()
  const status = shallowRef<RecordStatus>()
  watch(
    entity,
    (id, _before, onCleanup) => {
      status.value = undefined
      if (!id) return
      // A live query ends with the scope that it was made in: this one with the record it is about.
      const scope = effectScope()
      scope.run(() => watch(store.status(id), (now) => (status.value = now), { immediate: true }))
      onCleanup(() => scope.stop())
    },
    { immediate: true },
  )
  return status
}
