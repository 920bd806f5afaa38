/** Phones, tabs and a server in one deterministic world: time, chance, locks and the network are in the test's hand. */
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import type { Clock } from '../clock'
import type { IndexedDb } from '../db'
import type { Bus, Message } from '../engine'
import { openEngine, type Engine, type Json, type Operations, type Options, type Put, type Row } from '../index'
import { CarryFailed, type Carrier } from '../uploads'
import { TestServer } from './server'

export const DRILLER = '00000000-0000-4000-8000-0000000000a1'
export const BLASTER = '00000000-0000-4000-8000-0000000000b2'
export const SHEET = '00000000-0000-7000-8000-0000000051ee'
export const OTHER_SHEET = '00000000-0000-7000-8000-0000000051ef'
export const HAZARD = '00000000-0000-7000-8000-0000000000f2'
/** What the driller and the blaster work on together. */
export const TEAM = '00000000-0000-7000-8000-0000000000e3'

type Sheet = Row & { answers: Json }
const one = (collection: string, id: string, before: Row | undefined, change: Json): Put[] => [{ collection, row: { ver: 0, ...before, ...change, id } }]

export const operations: Operations = {
  'sheet.begin@1': {
    collection: 'sheet', reads: ['sheet'],
    effect: ({ entity, args }, get) => (get('sheet', entity) ? [] : one('sheet', entity, undefined, { state: 'draft', answers: {}, ...args })),
  },
  'sheet.answer@1': {
    collection: 'sheet', reads: ['sheet'],
    effect({ entity, args }, get) {
      const sheet = get('sheet', entity) as Sheet | undefined
      return sheet ? one('sheet', entity, sheet, { answers: { ...sheet.answers, ...(args.answers as Json) } }) : []
    },
    fold: (earlier, later) => ({ answers: { ...(earlier.answers as Json), ...(later.answers as Json) } }),
    team: ({ entity }, get) => (get('sheet', entity)?.team as string | undefined) ?? null,
    reached: ({ args }, row) => Object.entries(args.answers as Json).some(([item, value]) => (row as Sheet).answers[item] === value),
  },
  'sheet.sign@1': {
    collection: 'sheet', reads: ['sheet'],
    effect: ({ entity, args }, get) => (get('sheet', entity) ? one('sheet', entity, get('sheet', entity), args) : []),
  },
  'sheet.move@1': {
    collection: 'sheet', reads: ['sheet'],
    effect: ({ entity, args }, get) => (get('sheet', entity)?.state === args.from ? one('sheet', entity, get('sheet', entity), { state: args.to }) : []),
    team: ({ entity }, get) => (get('sheet', entity)?.team as string | undefined) ?? null,
    reached: ({ args }, row) => row.state === args.to,
  },
  'hazard.report@1': {
    collection: 'hazard', reads: ['hazard'],
    effect: ({ entity, args }, _, profile) => one('hazard', entity, undefined, { ...args, by: (profile as Json).id }),
    team: ({ args }) => (args.team as string | undefined) ?? null,
    reached: () => true,
  },
  'hazard.note@1': {
    collection: 'hazard', reads: ['hazard'],
    effect: ({ entity, args }, get) => (get('hazard', entity) ? one('hazard', entity, get('hazard', entity), args) : []),
    team: ({ entity }, get) => (get('hazard', entity)?.team as string | undefined) ?? null,
    reached: ({ args }, row) => row.note === args.note,
  },
}

/** Web Locks of one browser profile. */
export class Locks {
  private readonly held = new Set<string>()

  request = (async (name: string, options: LockOptions, work: (lock: Lock | null) => unknown) => {
    if (this.held.has(name) && !options.steal) return work(null)
    this.held.add(name)
    try {
      return await work({ name, mode: 'exclusive' })
    } finally {
      this.held.delete(name)
    }
  }) as LockManager['request']
}

export class World {
  at = Date.UTC(2026, 2, 2, 0, 0, 0)
  readonly server = new TestServer()
  private seed = 1

  clock: Clock = { now: () => this.at, mono: () => this.at % 1e9, offset: () => 480 }
  /** Park and Miller: the same run every time. */
  chance = (): number => (this.seed = (this.seed * 48271) % 2147483647) / 2147483647
  random = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, () => Math.floor(this.chance() * 256))

  forward(ms: number): void {
    this.at += ms
  }
}

/** A world whose server knows the driller and the blaster of one mine. */
export async function world(): Promise<World> {
  const made = new World()
  await made.server.start()
  made.server.now = () => made.at
  for (const user of [DRILLER, BLASTER]) made.server.scopes.set(user, new Set(['mine:1', `person:${user}`]))
  return made
}

/** A browser profile: its databases and locks outlive its tabs. */
export class Phone {
  readonly idb: IndexedDb = { indexedDB: new IDBFactory(), IDBKeyRange }
  connected = true
  carried: string[] = []
  /** What the next uploads come to: an HTTP status, 0 for no network. */
  uploadFaults: number[] = []
  /** What the server calls them; without a name, by their status. */
  uploadCodes: string[] = []
  /** The failures that each upload was told of. */
  tries: number[] = []
  private readonly locks = new Locks()
  private readonly listeners = new Set<(message: Message) => void>()

  constructor(readonly world: World) {}

  /** Opens the app in a tab. schedule: as a browser's; without it, the test ticks. */
  tab(schedule: Options['schedule'] = null): Promise<Engine> {
    const { world } = this
    return openEngine({
      client: 'test/1', operations, idb: this.idb, clock: world.clock, random: world.random, chance: world.chance,
      fetch: ((...call) => (this.connected ? world.server.fetch(...call) : Promise.reject(new TypeError('no network')))) as typeof fetch,
      cookies: () => '', carrier: this.carrier, locks: this.locks, bus: this.bus(), connected: () => this.connected, schedule,
    })
  }

  private bus(): Bus {
    let own: ((message: Message) => void) | undefined
    return {
      post: (message) => [...this.listeners].filter((told) => told !== own).forEach((told) => told(message)),
      listen: (told) => this.listeners.add((own = told)),
      close: () => own && this.listeners.delete(own),
    }
  }

  private readonly carrier: Carrier = {
    carry: async ({ bytes, sha, failures }, begun) => {
      this.tries.push(failures)
      begun(`/uploads/${sha}`)
      const fault = this.uploadFaults.shift()
      if (fault !== undefined) throw new CarryFailed(fault, this.uploadCodes.shift() ?? `http.${fault}`)
      const { nameOf } = await import('../photos')
      this.world.server.state.blobs.add(await nameOf(await bytes.arrayBuffer()))
      this.carried.push(sha)
    },
  }
}

/** A driller with an open app, enrolled; PIN 1234. */
export async function enrolled(w: World, phone = new Phone(w), user = DRILLER): Promise<{ phone: Phone; engine: Engine }> {
  const engine = await phone.tab()
  w.server.session = w.server.renewable = user
  w.server.aside.add(user)
  await engine.addUser({ user, label: { name: user }, profile: { id: user } }, '1234')
  engine.signedIn()
  await engine.tick({ eager: true })
  return { phone, engine }
}

export { first as now } from '../live'

export const begin = (engine: Engine, sheet = SHEET) => engine.act('sheet.begin@1', sheet, { post: 'UG01' })
export const answer = (engine: Engine, item: string, value: unknown, sheet = SHEET, blobs: string[] = []) =>
  engine.act('sheet.answer@1', sheet, { answers: { [item]: value } }, { blobs })
export const sign = (engine: Engine, sheet = SHEET) => engine.act('sheet.sign@1', sheet, { state: 'signed' }, { barrier: true })
