/** Where he was in a list, and what he has looked at; kept through lock, kill and days. */
import { shallowRef, type ShallowRef } from 'vue'
import { usePorts } from '../ports'

export interface Place { at?: string; seen: string[] }

/** `place` is undefined until it was read; it tells where to begin and does not follow him. */
export function usePlace(submission: () => string | undefined): { place: ShallowRef<Place | undefined>; read: () => Promise<void>; remember: (part: { at?: string; seen?: string[] }) => void } {
  const { store } = usePorts()
  const place = shallowRef<Place>()
  let now: Place = { seen: [] }
  return {
    place,
    async read() {
      now = ((await store.draft(`place:${submission()}`)) as Place | null) ?? now
      place.value = now
    },
    remember(part) {
      now = { ...now, ...part }
      void store.saveDraft(`place:${submission()}`, now)
    },
  }
}
