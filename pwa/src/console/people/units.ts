/** The units whose people I manage: asked for once; which one is looked at stands in the address. */
import { computed, ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { api, told, type Shapes } from '../api'

export type Unit = Shapes['Unit']
export type Person = Shapes['Person']
export type Held = Shapes['Role']

const units = ref<Unit[]>()
const failed = ref<unknown>()

async function load() {
  try {
    units.value = (await told(api.GET('/api/v1/units'))).items
    failed.value = undefined
  } catch (error) {
    failed.value = error
  }
}

/** The one that the address names, else the first. */
export function useUnits() {
  const route = useRoute()
  const router = useRouter()
  void load()
  const unit = computed(() => units.value?.find(({ scope }) => scope === (route.params.unit ?? route.query.unit)) ?? units.value?.[0])
  const choose = (scope: string) => router.replace({ query: { unit: scope } })
  return { units, unit, choose, failed, load }
}

export const peopleOf = (scope: string) => told(api.GET('/api/v1/units/{scope}/people', { params: { path: { scope } } }))

/** Where a person works at a mine; place '' is none. */
export interface Place { title: string; team: string; posts: string[]; shifts: string[]; place: string }
export const placeOf = (staff: Person['staff']): Place => ({
  title: staff?.title ?? '', team: staff?.team ?? '', posts: [...(staff?.posts ?? [])], shifts: [...(staff?.shifts ?? [])], place: staff?.place ?? '',
})

export type SignInState = 'gone' | 'active' | 'slip' | 'new'
export const stateOf = (person: Person): SignInState => (!person.active ? 'gone' : person.activated ? 'active' : person.slip_until ? 'slip' : 'new')

/** Holds now; begins later; is over. */
export const spanOf = (held: Held, now: Date): 'held' | 'coming' | 'over' => (held.held ? 'held' : new Date(held.starts_at) > now && (!held.ends_at || held.ends_at > held.starts_at) ? 'coming' : 'over')
