/**
 * What lies on this phone: one IndexedDB for text, one for bytes (a photo's write must not hold up a tap's).
 *
 * Clear are only the columns that must be found or changed while nobody is unlocked; names of collections, records and
 * scopes are keyed hashes (`Keyring.tag`), so that a copied disk does not even tell which visit is planned. Boxes are
 * AES-GCM under the owner's data key. `vault` is one person's corner of this phone; a forgotten PIN starts a new one.
 */
import Dexie, { type Table } from 'dexie'
import type { Bytes } from './bytes'
import type { Certificate, Outcome, Receipt, ServerKey } from './envelope'

/** This browser profile. lock, travel: AES keys that the browser does not give out. */
export interface PhoneRecord { key: 'phone'; id: string; lock: CryptoKey; travel: CryptoKey }

export interface VaultRecord {
  vault: string
  user: string
  /** What the lock screen may show of him (name, posts). Clear. */
  label: unknown
  made_at: number
  /** A newer vault of the same person took over: its PIN was forgotten. What is frozen in it is still sent. */
  retired: 0 | 1
  salt: Bytes
  rounds: number
  /** The root secret under the PIN's key, and that under the phone's lock. */
  root: Bytes
  signing: Bytes
  signing_public: string
  profile: Bytes | null
  fails: number
  until: number
  device: string | null
  /** Made before the request, so that its answer may be lost. issue: what the new enrolment sends again of the old one's. */
  pending: { transport: CryptoKey; transport_public: string; replaces: string | null; issue: 'unanswered' | 'all' | null } | null
}

export interface EnrolmentRecord {
  device: string
  vault: string
  transport: CryptoKey
  sealing: ServerKey
  receipt: ServerKey
  epoch: number
  /** seq, link: the last that was frozen. secured: everything up to it is signed and sealed. */
  seq: number
  link: string
  secured: number
  hlc: string
  /** As the server last said. */
  last_seq: number
  durable_seq: number
  cursor: string | null
  /** When its rows were last complete: every page of an answer taken. */
  heard_at: number | null
  mended_at: number
  failures: number
  next_at: number
  speaking_since: number
  /** Why nothing is sent under it any more: a problem's code. */
  ended: string | null
  /** That the signing key is his; absent in what older versions stored. */
  certificate?: Certificate | undefined
}

export interface JournalRecord { n?: number; vault: string; entity: string; blobs: string[]; box: Bytes }

export interface OutboxRecord {
  device: string
  seq: number
  vault: string
  entity: string
  blobs: string[]
  hash: string
  link: string
  frozen_at: number
  /** frozen: the server has not said what became of it. */
  status: 'frozen' | Outcome
  ver: number | null
  epoch: number
  acked_at: number | null
  /** Whether it still lies over the server's row on the screen: 0 once a row came in which it took effect. */
  shown: 0 | 1
  /** Known by a receipt that was carried here: the server's row is still to come. */
  carried?: 0 | 1
  /** Sent as a void: its body is lost or too large. */
  void: 0 | 1
  /** {problem, conflict, mended}; null while the owner was locked when they came. */
  detail: Bytes | null
  /** Issued again under another enrolment, or so old that its body was let go. */
  gone: 0 | 1
}
export interface BodyRecord { device: string; seq: number; box: Bytes }
export interface SegmentRecord { device: string; first: number; last: number; box: string }

export interface RowRecord {
  key: string
  vault: string
  collection: string
  scope: string
  ver: number
  epoch: number
  stale: 0 | 1
  /** Masked (`Keyring.masked`): a hash of a row would let its content be guessed. */
  digest: string
  box: Bytes
}
export interface ScopeRecord { key: string; vault: string; nonce: Bytes; sum: string }
export interface DraftRecord { key: string; vault: string; box: Bytes }
/** A colleague's sealed segment that came in a file, until the server has signed for it. key: of its bytes, so that a forged one displaces nothing. */
export interface CarriedRecord {
  key: string
  device: string
  first: number
  last: number
  /** null once there is a receipt: the origin keeps its own copy. */
  box: string | null
  at: number
  failures: number
  next_at: number
  receipt: Receipt | null
}
/** What everybody who holds the phone may read: emergency cards, phone numbers, the crew's lists. */
export interface BoardRecord { key: string; value: unknown }

/** The keys of a team's record and when the last part of one's own was made. at: of its last use. */
export interface TeamRecord { key: string; vault: string; at: number; box: Bytes }
/** A colleague's part, as it came. at: when. */
export interface PartRecord { key: string; vault: string; at: number; box: Bytes }

export class TextDb extends Dexie {
  declare phone: Table<PhoneRecord, 'phone'>
  declare vaults: Table<VaultRecord, string>
  declare enrolments: Table<EnrolmentRecord, string>
  declare journal: Table<JournalRecord, number>
  declare outbox: Table<OutboxRecord, [string, number]>
  declare bodies: Table<BodyRecord, [string, number]>
  declare segments: Table<SegmentRecord, [string, number]>
  declare rows: Table<RowRecord, string>
  declare scopes: Table<ScopeRecord, string>
  declare drafts: Table<DraftRecord, string>
  declare board: Table<BoardRecord, string>
  declare carried: Table<CarriedRecord, string>
  declare teams: Table<TeamRecord, string>
  declare parts: Table<PartRecord, string>

  constructor(idb: IndexedDb) {
    super('kuangjian', { ...idb, chromeTransactionDurability: 'strict' })
    // A later shape is a further version() with its upgrade(); these lines are never changed once they are out.
    this.version(1).stores({
      phone: 'key',
      vaults: 'vault, user',
      enrolments: 'device, vault',
      journal: '++n, vault, entity, *blobs',
      outbox: '[device+seq], [device+status], vault, entity, *blobs',
      bodies: '[device+seq]',
      segments: '[device+first]',
      rows: 'key, vault, collection, scope',
      scopes: 'key, vault',
      drafts: 'key, vault',
      board: 'key',
    })
    this.version(2).stores({ carried: 'key' })
    this.version(3).stores({ teams: 'key, vault', parts: 'key, vault' })
  }
}

/** waiting: not asked for yet · missing: the server asks for it · sent: it should have it · there: it says so · kept: it came from there. */
export type PhotoState = 'waiting' | 'missing' | 'sent' | 'there' | 'kept'
export interface PhotoRecord {
  vault: string
  sha: string
  type: string
  size: number
  at: number
  state: PhotoState
  /** When the server first said that it has it; absent in what older versions stored. */
  there_at?: number
  /** The photo's own key: under the owner's data key, and, until the server has the photo, under the phone's travel key. */
  own: Bytes
  travel: Bytes | null
  facts: Bytes
  url: string | null
  failures: number
  next_at: number
  problem: string | null
}

export class BytesDb extends Dexie {
  declare photos: Table<PhotoRecord, [string, string]>
  declare bytes: Table<{ vault: string; sha: string; box: ArrayBuffer }, [string, string]>

  constructor(idb: IndexedDb) {
    super('kuangjian-bytes', { ...idb, chromeTransactionDurability: 'strict' })
    this.version(1).stores({ photos: '[vault+sha], vault, [vault+state], state', bytes: '[vault+sha]' })
  }
}

/** Where the databases are; nothing given means the browser's. */
export interface IndexedDb { indexedDB?: IDBFactory; IDBKeyRange?: typeof IDBKeyRange }
export interface Databases { text: TextDb; bytes: BytesDb }

/** ready · blocked: another tab holds an older version open · superseded: another tab has a newer one, load this page anew. */
export type DatabaseState = 'ready' | 'blocked' | 'superseded'

/** Opens both. told: when another tab's version stands in the way, now or later. */
export async function openDatabases(idb: IndexedDb, told: (state: DatabaseState) => void): Promise<Databases> {
  const both = { text: new TextDb(idb), bytes: new BytesDb(idb) }
  for (const db of Object.values(both)) {
    db.on('blocked', () => told('blocked'))
    db.on('versionchange', () => {
      // Closed for good: opened again by itself it would only fail, and the newer tab must not wait.
      db.close({ disableAutoOpen: true })
      told('superseded')
      // Dexie's own handler would open it again.
      return false
    })
    await db.open()
  }
  told('ready')
  return both
}

/** The phone's own record, made at the first start. id: a UUIDv7 for it. */
export async function thisPhone(db: TextDb, id: string): Promise<PhoneRecord> {
  const [lock, travel] = await Promise.all([phoneKey(), phoneKey()])
  return db.transaction('rw', db.phone, async () => {
    const found = await db.phone.get('phone')
    if (found) return found
    const made: PhoneRecord = { key: 'phone', id, lock, travel }
    await db.phone.add(made)
    return made
  })
}

const phoneKey = () => crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])

/** How often a piece of work is begun again when its connection goes. */
const REOPENED = 2

/**
 * Does the work, again where the browser dropped its connection to a database under it: iOS does so to apps that were
 * in the background, and never opens it again by itself. again: what was written before may be there already.
 */
export async function lasting<T>(work: (again: boolean) => Promise<T>, ...dbs: Dexie[]): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work(tries > 0)
    } catch (error) {
      if (tries === REOPENED || !isLost(error)) throw error
      // Opens itself at the next use; one that was closed for good is left so.
      for (const db of dbs) if (db.isOpen()) db.close({ disableAutoOpen: false })
    }
  }
}

const LOST = ['UnknownError', 'InvalidStateError', 'AbortError', 'DatabaseClosedError']

/** Whether it failed because the connection went, and not because of what was asked. */
export function isLost(error: unknown): boolean {
  const { name = '', inner } = error as { name?: string; inner?: unknown }
  return !isFull(error) && (LOST.includes(name) || (inner != null && inner !== error && isLost(inner)))
}

/** For what may be left unwritten on a full phone. */
export function unlessFull(error: unknown): void {
  if (!isFull(error)) throw error
}

/** Whether a write failed because the phone is full. */
export function isFull(error: unknown): boolean {
  const { name, inner } = error as { name?: string; inner?: unknown }
  return name === 'QuotaExceededError' || (inner != null && inner !== error && isFull(inner))
}
