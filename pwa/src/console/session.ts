/** Who sits at this desk, and what the server's tables let him do. */
import { computed, ref } from 'vue'
import { api, Refused, told, type Shapes } from './api'

export type Me = Shapes['Me']

const me = ref<Me | null>(null)
const acts = ref<Record<string, string[]>>({})

export const roles = computed(() => [...new Set(me.value?.grants.map((grant) => grant.role) ?? [])])

/** Whether one of my roles does this at all; where, the server decides. */
export const may = (act: string) => acts.value[act]?.some((role) => roles.value.includes(role)) ?? false

export const useMe = () => me

/** Signed in already? Asked once, when the page opens. */
export async function resume(): Promise<boolean> {
  try {
    me.value = await told(api.GET('/api/v1/auth/me'))
    await readTables()
    return true
  } catch (error) {
    if (error instanceof Refused && error.problem.status === 401) return false
    throw error
  }
}

export async function signIn(login: string, password: string): Promise<void> {
  me.value = (await told(api.POST('/api/v1/auth/sign-in', { body: { login, password, bearer: false } }))).me
  await readTables()
}

export async function signOut(): Promise<void> {
  await api.POST('/api/v1/auth/sign-out').catch(() => undefined) // gone from here either way
  forget()
}

export function forget() {
  me.value = null
}

async function readTables() {
  acts.value = (await told(api.GET('/api/v1/workflow'))).acts as Record<string, string[]>
}
