/** Three people on two phones, and the server's own engine: a county in which everything may go wrong. */
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import type { Bytes } from '../bytes'
import type { Clock } from '../clock'
import { openDatabases, type IndexedDb } from '../db'
import type { Bus, Message } from '../engine'
import { openEngine, type Engine, type Json, type Operations, type Row } from '../index'
import type { PythonServer } from './python'
import { Locks } from './world'

export const SITES = ['site:3', 'site:4', 'bureau:1'] as const
export const PEOPLE = ['driller', 'colleague', 'officer'].map((_, index) => `00000000-0000-4000-8000-0000000000c${index}`)
const PIN = '123456'

type Sheet = Row & { answers: Json }
const changed = (get: (collection: string, id: string) => Row | undefined, id: string, change: (sheet: Sheet) => Json) => {
  const sheet = get('sheet', id) as Sheet | undefined
  return sheet ? [{ collection: 'sheet', row: { ...sheet, ...change(sheet) } }] : []
}

/** The operations of tests/sync/host.py, as a phone shows them. */
const operations: Operations = {
  'sheet.open@2': {
    collection: 'sheet', reads: ['sheet'],
    effect: ({ entity, args }, get) => (get('sheet', entity) ? [] : [{ collection: 'sheet', row: { id: entity, ver: 0, note: '', answers: {}, title: args.title } }]),
  },
  'sheet.note@1': { collection: 'sheet', reads: ['sheet'], effect: ({ entity, args }, get) => changed(get, entity, () => ({ note: args.text })) },
  'sheet.answer@1': {
    collection: 'sheet', reads: ['sheet'], fold: (earlier, later) => ({ ...earlier, ...later }),
    effect: ({ entity, args }, get) => changed(get, entity, ({ answers }) => ({ answers: { ...answers, ...args } })),
  },
  ...Object.fromEntries(['move@1', 'delete@1', 'crash@1', 'refuse@1', 'unknown@9'].map((op) => [`sheet.${op}`, { collection: 'sheet', reads: [], effect: () => [] }])),
}

export type Fault = 'unreachable' | 'dies' | 'reply lost' | 'hotel' | 'killed' | 413 | 500

/** One phone: its profile outlives its page. */
export class Handset {
  readonly idb: IndexedDb = { indexedDB: new IDBFactory(), IDBKeyRange }
  connected = true
  faults: Fault[] = []
  /** How wrong its clock is, ms. */
  error = 0
  /** Whose cookies it holds, and whose lie aside to be resumed. */
  session: string | null = null
  renewable = true
  engine!: Engine
  user!: string
  private locks = new Locks()
  private boot = 0

  constructor(private readonly county: County) {}

  private clock: Clock = {
    now: () => this.county.at + this.error,
    mono: () => this.county.at - this.boot,
    offset: () => 480,
  }

  /** The page is loaded; nobody is unlocked. */
  async open(): Promise<void> {
    const { county } = this
    this.boot = county.at
    this.engine = await openEngine({
      client: 'test/1', operations, idb: this.idb, clock: this.clock, random: county.random, chance: county.chance, fetch: this.fetch as typeof fetch,
      cookies: () => '', carrier: { carry: () => Promise.resolve() }, locks: this.locks, bus: nobody, connected: () => this.connected, schedule: null,
    })
  }

  async enters(user: string): Promise<void> {
    this.session = this.user = user
    this.renewable = true
    this.engine.signedIn()
    if (await this.engine.knows(user)) await this.engine.unlock(user, PIN)
    else await this.engine.addUser({ user, label: null, profile: null }, PIN)
  }

  /** A wrong turn of his memory: he sets another PIN, and what was frozen under the old one must arrive all the same. */
  async forgets(): Promise<void> {
    await this.engine.lock()
    if (await this.unfrozen()) return this.enters(this.user)
    await this.engine.addUser({ user: this.user, label: null, profile: null }, PIN)
  }

  async killed(): Promise<void> {
    this.engine.close()
    await this.open()
    await this.engine.unlock(this.user, PIN)
  }

  /** The page's locks go with it. */
  revive(): void {
    this.locks = new Locks()
  }

  unfrozen = (): Promise<number> => this.look(({ text }) => text.journal.count())

  async look<T>(work: (db: Awaited<ReturnType<typeof openDatabases>>) => Promise<T>): Promise<T> {
    const db = await openDatabases(this.idb, () => {})
    try {
      return await work(db)
    } finally {
      db.text.close()
      db.bytes.close()
    }
  }

  private fetch = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    if (!this.connected) throw new TypeError('no network')
    const path = String(input).replace('/api/v1/', '')
    const fault = this.faults.shift()
    if (fault === 'unreachable') throw new TypeError('fetch failed')
    if (fault === 'hotel') return new Response('<html>', { headers: { 'Content-Type': 'text/html' } })
    if (typeof fault === 'number') return json({ code: `http.${fault}`, params: {} }, fault)
    if (path.startsWith('auth/')) return this.signIn(path, init)
    const gzipped = (init.headers as Record<string, string>)['Content-Encoding'] === 'gzip'
    const user = init.credentials === 'omit' ? null : this.session
    if (path === 'sync/enrolments' && !user) return json({ code: 'auth.required', params: {} }, 401)
    const given = { path: path.replace('sync/', ''), body: init.body as Bytes | string, gzipped, user }
    this.county.sent.push(given)
    const answer = await this.county.hears(given, fault === 'dies')
    if (fault === 'killed') return new Promise(() => {})
    if (answer.status === 0 || fault === 'reply lost') throw new TypeError('connection cut')
    return json(answer.body, answer.status)
  }

  private signIn(path: string, init: RequestInit): Response {
    if (!this.renewable) return json({ code: 'account.ended', params: {} }, 401)
    if (path === 'auth/resume') this.session = (JSON.parse(init.body as string) as { user: string }).user
    return this.session ? json({ me: { id: this.session } }) : json({ code: 'account.ended', params: {} }, 401)
  }
}

export class County {
  at = Date.UTC(2026, 2, 2, 0, 0, 0)
  readonly phones: Handset[] = []
  sent: { path: string; body: Bytes | string; gzipped: boolean; user: string | null }[] = []
  private seed = 1

  private constructor(readonly server: PythonServer) {}

  /** An empty server, and the driller and his colleague on one phone, the officer on another, all enrolled. */
  static async open(server: PythonServer): Promise<County> {
    const county = new County(server)
    await server.call('new', county.at)
    for (const [index, scopes] of [['site:3'], ['site:4'], [...SITES]].entries()) await server.call('grant', PEOPLE[index], scopes)
    for (const users of [[1, 0], [2]]) {
      const phone = new Handset(county)
      county.phones.push(phone)
      await phone.open()
      for (const index of users) {
        await phone.enters(PEOPLE[index]!)
        await phone.engine.tick({ eager: true })
      }
    }
    await server.call('backup')
    return county
  }

  chance = (): number => (this.seed = (this.seed * 48271) % 2147483647) / 2147483647
  random = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, () => Math.floor(this.chance() * 256))

  async passes(ms: number): Promise<void> {
    this.at += ms
    await this.server.call('at', this.at)
  }

  /** A request reaches the server; rows outside the grants of its device's user must not come back. */
  async hears({ path, body, gzipped, user }: County['sent'][number], dies = false) {
    const answer = await this.server.send(path, body, gzipped, user, dies)
    const changes = (answer.body?.changes ?? []) as { scope: string; op: string }[]
    if (changes.some(({ op }) => op === 'put')) {
      const granted = (await this.server.state()).grants.filter(([who]) => who === user).map(([, scope]) => scope)
      for (const { op, scope } of changes) if (op === 'put' && !granted.includes(scope)) throw new Error(`a row of ${scope} went to ${user}`)
    }
    return answer
  }

  close(): void {
    for (const { engine } of this.phones) engine.close()
  }
}

const nobody: Bus = { post: (_: Message) => {}, listen: () => {}, close: () => {} }
const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
