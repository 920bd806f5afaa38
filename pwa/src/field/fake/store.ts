/** The ports in memory, for development: everything answers as the real ones do, and nothing outlives the page. */
import { computed, ref, shallowReactive, shallowRef, triggerRef } from 'vue'
import { nameOf } from '@/shared/hash'
import { stamp } from '@/shared/when'
import { effects, type Effect, type Put } from '../effects'
import { PortError, type Board, type Collections, type Conflict, type Live, type Me, type PhoneUser, type Ports, type RecordStatus, type Rejected, type Session, type Store, type UnsentRecord } from '../ports'

export interface Seed {
  rows: { [C in keyof Collections]?: Collections[C][] }
  people: { me: Me; user: PhoneUser }[]
  /** Who is in at once, without a PIN. */
  open: Me | null
  board: { [name in keyof Board]: NonNullable<Board[name]['value']> }
  conflicts: Conflict[]
  rejected: Rejected[]
  blobs: Map<string, ArrayBuffer>
}

export const FAKE_PIN = '135790'
const KIND: Partial<Record<keyof Collections, UnsentRecord['kind']>> = { submission: 'submission', hazard: 'hazard', visit: 'visit', document: 'document' }
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))
const always = <T>(value: T): Live<T> => shallowRef(value)

export function fakePorts(seed: Seed): Ports {
  const current = shallowRef<Me | null>(seed.open)
  return { session: fakeSession(seed, current), store: fakeStore(seed, current), board: { cards: always(seed.board.cards), phones: always(seed.board.phones), lists: always(seed.board.lists) } }
}

function fakeSession(seed: Seed, current: { value: Me | null }): Session {
  const newcomer = ref<{ name: string } | null>(null)
  let wrong = 0
  const first = () => seed.people[0]!.me
  return {
    users: always(seed.people.map(({ user }) => user)),
    current: current as Live<Me | null>,
    newcomer,
    network: ref('online'),
    async activate(code) {
      await pause(300)
      if (code.length < 6) throw new PortError({ code: 'slip.unknown', zh: '激活码不对或已用过，请向矿山管理员要新的激活条。', en: 'This code is wrong or was used; ask for a new slip.' })
      newcomer.value = { name: first().name }
    },
    async signIn(name, password) {
      await pause(300)
      if (password !== FAKE_PIN) throw new PortError({ code: 'account.wrong', zh: '账号或密码不对。', en: 'Wrong account or password.' })
      newcomer.value = { name }
      return null
    },
    async setPin() {
      current.value = first()
      newcomer.value = null
    },
    async unlock(user, pin) {
      await pause(200)
      if (pin !== FAKE_PIN) return { ok: false, wait_seconds: ++wrong > 2 ? 2 ** wrong : 0 }
      wrong = 0
      current.value = seed.people.find(({ me }) => me.id === user)!.me
      return { ok: true }
    },
    async lock() {
      current.value = null
    },
  }
}

function fakeStore(seed: Seed, current: Live<Me | null>): Store {
  const tables = new Map<string, { value: Map<string, unknown> }>()
  const table = <C extends keyof Collections>(name: C) => {
    if (!tables.has(name)) tables.set(name, shallowRef(new Map((seed.rows[name] ?? []).map((row) => [row.id, row]))))
    return tables.get(name) as { value: Map<string, Collections[C]> }
  }
  const drafts = new Map<string, string>()
  const states = shallowReactive(new Map<string, RecordStatus>())
  const unsent = ref<UnsentRecord[]>([])
  const conflicts = ref(seed.conflicts)
  const lastSync = ref<string | null>(stamp(new Date(Date.now() - 8 * 3_600_000)))
  const sending = ref(false)
  const persisted = ref(false)
  let count = 0

  const newId = () => `0198f2a1-0000-7000-8000-${String(++count).padStart(12, '0')}`

  function put({ collection, row }: Put) {
    const rows = table(collection)
    ;(rows.value as Map<string, unknown>).set(row.id, row)
    triggerRef(rows as never)
    const kind = KIND[collection]
    if (!kind) return
    const status: RecordStatus = { state: 'local', photosDone: 0, photosTotal: 0, problem: null }
    states.set(row.id, status)
    if (!unsent.value.some(({ entity }) => entity === row.id)) unsent.value.push({ entity: row.id, kind, title: titleOf(collection, row), at: stamp(), status })
  }

  function titleOf(collection: string, row: object): string {
    if ('what' in row) return String(row.what)
    if ('number' in row) return String(row.number)
    const form = 'form' in row ? table('form').value.get(String(row.form)) : undefined
    return form?.definition.title.zh ?? collection
  }

  return {
    rows: (name, where = {}) => computed(() => [...table(name).value.values()].filter((row) => Object.entries(where).every(([column, value]) => (row as unknown as Record<string, unknown>)[column] === value))),
    row: (name, id) => computed(() => table(name).value.get(id) ?? null),
    newId,
    async act(op, entity, args) {
      await pause(8)
      const get = <C extends keyof Collections>(name: C, id: string) => table(name).value.get(id)
      const { put: puts } = effects[op] as unknown as Effect<typeof op>
      puts(entity, JSON.parse(JSON.stringify(args)), { get, me: current.value!, now: stamp(), id: newId() }).forEach(put)
    },
    async savePhoto(bytes, { sha }) {
      await pause(60)
      if (nameOf(new Uint8Array(bytes)) !== sha) throw new Error('photo differs')
      seed.blobs.set(sha, bytes)
    },
    blob: async (sha) => seed.blobs.get(sha) ?? null,
    draft: async (key) => JSON.parse(drafts.get(key) ?? 'null') as unknown,
    async saveDraft(key, value) {
      drafts.set(key, JSON.stringify(value))
    },
    status: (entity) => computed(() => states.get(entity) ?? { state: 'delivered', photosDone: 0, photosTotal: 0, problem: null }),
    unsent,
    conflicts,
    rejected: always(seed.rejected),
    mended: always([]),
    readMended: async () => {},
    async resolve(id) {
      conflicts.value = conflicts.value.filter((one) => one.id !== id)
    },
    lastSync,
    received: () => always(0),
    trouble: always(null),
    refusal: always(null),
    sending,
    storage: computed(() => ({ used: 48_000_000, quota: 2_100_000_000, persisted: persisted.value })),
    async persist() {
      persisted.value = true
    },
    async sendNow() {
      sending.value = true
      await pause(900)
      for (const record of unsent.value) states.set(record.entity, { ...record.status, state: 'delivered' })
      unsent.value = []
      lastSync.value = stamp()
      sending.value = false
    },
    exportUnsent: async () => ({ name: 'kuangjian-unsent.txt', text: JSON.stringify(unsent.value) }),
    carried: always([]),
    takeIn: async () => ({ kind: 'bundle', segments: 1, fresh: 1 }),
    exportReceipts: async () => ({ name: 'kuangjian-receipts.txt', text: '' }),
    team: {
      joined: () => always(true),
      key: async () => 'A'.repeat(43),
      join: async () => {},
      code: async () => '3F2A-91C0-7D11',
      part: async () => crypto.getRandomValues(new Uint8Array(1500)),
      file: async () => ({ name: 'kuangjian-part.txt', text: '' }),
      receive: async () => ({ user: 'u-colleague', at: stamp(), fresh: true, carried: 0 }),
      parts: () => always([{ user: 'u-colleague', code: '9B14-02E7-C5D3', at: stamp(), items: 4, hazards: 1, signed: false }]),
    },
  }
}
