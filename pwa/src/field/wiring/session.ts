/** Who works on this phone: sign-in with the server, PINs with the engine. */
import { computed, shallowRef } from 'vue'
import { first, type Engine } from '@/sync'
import type { Me, PersonRow, PhoneUser, Session } from '../ports'
import { follow } from './live'
import { worded } from './problems'

/** What the list of users shows, readable when locked. */
interface Label { name: string; note: string }

/** What the vault keeps of what the server says of him. */
const meOf = ({ id, name, certificate_no, grants }: Me): Me => ({ id, name, certificate_no, grants: grants.map(({ role, scope }) => ({ role, scope })) })

export function openSession(engine: Engine): Session {
  const known = follow(engine.users)
  const state = follow(engine.state)
  const current = shallowRef<Me | null>(null)
  const newcomer = shallowRef<Me | null>(null)
  engine.current.subscribe((open) => (current.value = open && (open.profile as Me)))
  keepUpToDate(engine)

  /** Screens look at `current` as soon as they have their answer. */
  async function settled() {
    const open = await first(engine.current)
    current.value = open && (open.profile as Me)
  }

  const prove = async (path: string, body: object) => meOf((await worded(() => engine.http.json<{ me: Me }>({ method: 'POST', path, body }))).me)

  return {
    users: computed(() => known.value?.map(({ user, label, unsent }): PhoneUser => ({ id: user, ...(label as Label), unsent }))),
    current,
    newcomer,
    network: computed(() => state.value?.network ?? 'offline'),
    async activate(code, password) {
      newcomer.value = await prove('/auth/activate', { code, password })
    },
    async signIn(login, password) {
      const me = await prove('/auth/sign-in', { login, password })
      engine.signedIn()
      if (await engine.knows(me.id)) return me.id
      newcomer.value = me
      return null
    },
    async setPin(pin) {
      const me = newcomer.value!
      await worded(() => engine.addUser({ user: me.id, label: { name: me.name, note: '' } satisfies Label, profile: me }, pin))
      newcomer.value = null
      await settled()
    },
    async unlock(user, pin) {
      const opened = await worded(() => engine.unlock(user, pin))
      if (!opened.ok) return { ok: false, wait_seconds: Math.ceil(opened.wait_ms / 1000) }
      await settled()
      return { ok: true }
    },
    lock: () => engine.lock(),
  }
}

/** Grants may change at the desk, and two of one name are told apart by title and team: both are asked when there is a network. */
function keepUpToDate(engine: Engine): void {
  let before = ''
  engine.state.subscribe(async ({ network }) => {
    const open = await first(engine.current)
    const now = `${open?.user} ${network}`
    if (!open || now === before) return
    before = now
    // What was granted before stands until the server can be asked.
    if (network === 'online') await refresh(engine, open.user).catch(() => {})
  })
}

async function refresh(engine: Engine, user: string): Promise<void> {
  const me = await engine.http.json<Me>({ method: 'GET', path: '/auth/me' })
  // The cookies may be a colleague's.
  if (me.id !== user) return
  const people = (await first(engine.rows('person'))) as unknown as PersonRow[]
  const place = people.find((person) => person.user === user)
  const note = [place?.title, place?.team].filter(Boolean).join(' · ')
  if ((await first(engine.current))?.user === user) await engine.saveProfile({ name: me.name, note } satisfies Label, meOf(me))
}
