/**
 * The sync engine of a phone: it keeps what people do, encrypted, and brings it to the server whatever breaks.
 *
 *     const engine = await openEngine({ client: 'field/0.1.0', operations })
 *     await engine.unlock(user, pin)
 *     engine.rows('hazard').subscribe((hazards) => …)
 *     await engine.act('hazard.report@1', engine.newId(), { … }, { barrier: true })
 *
 * It knows no screen and no mine: operations are declared to it, rows are JSON. docs/adr/0004-sync-envelope.md is its law.
 */
import { systemClock, type Clock } from './clock'
import { openDatabases, thisPhone, type DatabaseState, type IndexedDb } from './db'
import { Engine, type Bus, type Message } from './engine'
import { Http } from './http'
import { uuid7 } from './ids'
import { Topics } from './live'
import type { Operations } from './operations'
import { tusCarrier } from './tus'
import type { Carrier } from './uploads'

export type { Carried, TakenIn } from './carrying'
export type { DatabaseState } from './db'
export { Engine, type Person, type PhoneState, type PhoneUser, type Storage, type Unlocked } from './engine'
export { Http, Refused, Unreachable } from './http'
export type { Json, ServerProblem } from './envelope'
export { first, type Live } from './live'
export type { Network } from './loop'
export type { Act, Get, Operation, Operations, Put, Row } from './operations'
export { nameOf } from './photos'
export { FrameReader, toFrames, type Seen } from './frames'
export type { PartAct } from './part'
export { SyncError, type SyncProblem } from './problems'
export type { Received, TeamPart } from './team'
export type { ConflictRecord, RecordState, RecordStatus, MendedRecord, RejectedRecord, UnsentRecord } from './records'

const POLL_MS = 120_000

/**
 * client: name and version of the program, as the server notes it. language: of the server's words.
 * database: told when another tab's version stands in the way, which may be before there is an engine. The rest is for tests.
 */
export interface Options {
  client: string
  operations: Operations
  language?: () => string
  database?: (state: DatabaseState) => void
  poll?: number
  idb?: IndexedDb
  clock?: Clock
  random?: (bytes: number) => Uint8Array
  chance?: () => number
  fetch?: typeof globalThis.fetch
  cookies?: () => string
  carrier?: Carrier
  locks?: Pick<LockManager, 'request'>
  bus?: Bus
  connected?: () => boolean
  schedule?: ((work: () => void, ms: number) => () => void) | null
}

/** Opens the phone's databases and starts the loop. One engine for each tab. */
export async function openEngine(options: Options): Promise<Engine> {
  const { client, operations, clock = systemClock, idb = {} } = options
  const random = options.random ?? ((bytes) => crypto.getRandomValues(new Uint8Array(bytes)))
  const newId = () => uuid7(clock.now(), random(10))
  const topics = new Topics()
  const told: { engine?: Engine; state: DatabaseState } = { state: 'ready' }
  const db = await openDatabases(idb, (state) => {
    told.state = state
    told.engine?.databaseIs(state)
    options.database?.(state)
  })
  const http = new Http(options.fetch ?? ((...call) => fetch(...call)), options.cookies ?? (() => document.cookie), options.language ?? (() => 'zh'))
  const engine = new Engine({
    db, http, topics, operations, random,
    phone: await thisPhone(db.text, newId()),
    carrier: options.carrier ?? tusCarrier(http),
    speaker: { client, boot: newId(), clock },
    locks: options.locks ?? navigator.locks,
    chance: options.chance ?? Math.random,
    connected: options.connected ?? (() => navigator.onLine),
    poll: options.poll ?? POLL_MS,
    bus: options.bus ?? channel(),
    schedule: options.schedule === undefined ? timeout : options.schedule,
  })
  told.engine = engine
  engine.databaseIs(told.state)
  if (typeof window !== 'undefined') listen(engine)
  engine.nudge()
  return engine
}

const timeout = (work: () => void, ms: number): (() => void) => {
  const timer = setTimeout(work, ms)
  return () => clearTimeout(timer)
}

function channel(): Bus {
  const open = new BroadcastChannel('kuangjian')
  return {
    post: (message) => open.postMessage(message),
    listen: (told) => open.addEventListener('message', ({ data }) => told(data as Message)),
    close: () => open.close(),
  }
}

function listen(engine: Engine): void {
  window.addEventListener('online', () => engine.nudge({ eager: true }))
  window.addEventListener('offline', () => engine.nudge())
  // iOS stops a hidden page without a word, and may kill it: what was done is frozen and sealed before.
  document.addEventListener('visibilitychange', () => engine.nudge(document.visibilityState === 'hidden' ? { all: true } : { eager: true }))
}
