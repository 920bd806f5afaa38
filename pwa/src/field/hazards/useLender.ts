/** On whose phone a hazard is that this one knows by his part only. */
import { computed, type ComputedRef } from 'vue'
import { usePorts, type HazardRow } from '../ports'

/** His name, until the server has the hazard; undefined for one of my own or of the server's. */
export function useLender(hazard: () => HazardRow | null | undefined): ComputedRef<string | undefined> {
  const { store, session } = usePorts()
  const visits = store.rows('visit')
  return computed(() => {
    const row = hazard()
    if (!row || row.ver > 0 || row.reporter === session.current.value?.id) return undefined
    return visits.value?.find(({ id }) => id === row.visit)?.team.find(({ user }) => user === row.reporter)?.name
  })
}
