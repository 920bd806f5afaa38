/** How far each record is, from what lies in the databases. */
import type { Databases, OutboxRecord, PhotoRecord } from './db'
import type { Mended, ServerProblem } from './envelope'
import type { Body } from './freezing'
import type { Act } from './operations'
import type { Keyring } from './vault'

/**
 * local: in the journal · waiting: frozen, not yet at the server · photos: there, but photos are missing · delivered ·
 * conflict: a person must decide · rejected: the server would not take it.
 */
export type RecordState = 'local' | 'waiting' | 'photos' | 'delivered' | 'conflict' | 'rejected'

export interface RecordStatus {
  state: RecordState
  photosDone: number
  photosTotal: number
  /** Of what was rejected, null where it is not known yet (its answer came while this person was locked); of photos, why they wait. */
  problem: ServerProblem | null
}

export interface UnsentRecord { entity: string; op: string; at: string; status: RecordStatus }
export interface ConflictRecord { id: string; entity: string; op: string; fields: string[]; args: Body['args']; at: string }
export interface RejectedRecord { id: string; entity: string; op: string; args: Body['args']; at: string; problem: ServerProblem | null }
/** What took effect only after somebody had put it right. at: when it was done. */
export interface MendedRecord { id: string; entity: string; op: string; args: Body['args']; at: string; mended: Mended }
interface Detail { problem: ServerProblem | null; conflict: { id: string; fields: string[] } | null; mended?: Mended }

interface Ended { row: OutboxRecord; body: Body; detail: Detail | null }

/** What lies here of one record. */
interface Gathered { journal: number; rows: OutboxRecord[]; blobs: Set<string> }

export class Records {
  /** The last list of what is unsent, by record; null when it is to be read. */
  private listed: Promise<Map<string, UnsentRecord>> | null = null

  constructor(private readonly db: Databases, private readonly keys: Keyring) {}

  /** Undefined for a record that nothing was ever done to here. */
  async status(entity: string): Promise<RecordStatus | undefined> {
    const tag = this.keys.tag(entity)
    const [journal, rows] = await Promise.all([
      this.db.text.journal.where('entity').equals(tag).toArray(),
      this.db.text.outbox.where('entity').equals(tag).filter(({ gone }) => !gone).toArray(),
    ])
    if (journal.length + rows.length === 0) return undefined
    return this.judge({ journal: journal.length, rows, blobs: new Set([...journal, ...rows].flatMap(({ blobs }) => blobs)) })
  }

  /** Every record with something that the server does not have in full, or did not take. */
  async unsent(): Promise<UnsentRecord[]> {
    this.listed ??= this.list()
    try {
      return [...(await this.listed).values()]
    } catch (error) {
      this.listed = null
      throw error
    }
  }

  /** Anything may have changed. */
  forget(): void {
    this.listed = null
  }

  /** An act was written down: of all records only its own is looked at. */
  tapped({ op, entity, wall }: Act): void {
    this.listed = this.listed?.then(async (known) => {
      const status = await this.status(entity)
      return status ? known.set(entity, { entity, op, at: wall, status }) : known
    }) ?? null
  }

  private async list(): Promise<Map<string, UnsentRecord>> {
    const journal = await this.db.text.journal.where('vault').equals(this.keys.vault).toArray()
    const outbox = await this.db.text.outbox.where('vault').equals(this.keys.vault).filter(({ gone }) => !gone).toArray()
    const tags = new Set([...journal, ...outbox].map(({ entity }) => entity))
    const records = await Promise.all([...tags].map(async (tag) => {
      const taps = journal.filter(({ entity }) => entity === tag)
      const rows = outbox.filter(({ entity }) => entity === tag)
      const status = await this.judge({ journal: taps.length, rows, blobs: new Set([...taps, ...rows].flatMap(({ blobs }) => blobs)) })
      if (status.state === 'delivered') return null
      const last = rows.at(-1)
      const act = taps.length > 0 ? await this.keys.open<Act>(taps.at(-1)!.box) : await this.body(last!)
      return act && { entity: act.entity, op: act.op, at: act.wall, status }
    }))
    return new Map(records.flatMap((record) => (record ? [[record.entity, record]] : [])))
  }

  async conflicts(): Promise<ConflictRecord[]> {
    const found = await this.ended(['conflict'])
    return found.flatMap(({ body, detail }) => (detail?.conflict
      ? { id: detail.conflict.id, fields: detail.conflict.fields, entity: body.entity, op: body.op, args: body.args, at: body.wall }
      : []))
  }

  async rejected(): Promise<RejectedRecord[]> {
    const found = await this.ended(['quarantined'])
    return found.map(({ body, detail }) => ({ id: body.id, entity: body.entity, op: body.op, args: body.args, at: body.wall, problem: detail?.problem ?? null }))
  }

  /** Until he says that he has read it. */
  async mended(): Promise<MendedRecord[]> {
    const found = await this.ended(['applied', 'merged', 'conflict'])
    return found.flatMap(({ body: { id, entity, op, args, wall }, detail }) => (detail?.mended ? { id, entity, op, args, at: wall, mended: detail.mended } : []))
  }

  /** He has read how it was put right. */
  async read(id: string): Promise<void> {
    for (const { row, body, detail } of await this.ended(['applied', 'merged', 'conflict'])) {
      if (body.id !== id) continue
      const rest = detail?.conflict ? await this.keys.seal({ ...detail, mended: undefined }) : null
      await this.db.text.outbox.update([row.device, row.seq], { detail: rest })
    }
  }

  /** Those that came to one of these ends; of what took effect, only where there is more to say of it. */
  private async ended(ends: OutboxRecord['status'][]): Promise<Ended[]> {
    const rows = await this.db.text.outbox.where('vault').equals(this.keys.vault)
      .filter(({ status, detail, gone }) => ends.includes(status) && !gone && (detail !== null || status === 'quarantined')).toArray()
    const opened = await Promise.all(rows.map(async (row) => ({ row, body: await this.body(row), detail: await this.detail(row) })))
    return opened.filter((one): one is Ended => one.body !== null)
  }

  private async judge({ journal, rows, blobs }: Gathered): Promise<RecordStatus> {
    const photos = await this.db.bytes.photos.bulkGet([...blobs].map((sha) => [this.keys.vault, sha] as [string, string]))
    // A photo that is not on this phone is a colleague's to bring. What was sent counts; the record is delivered on the server's word only.
    const waiting = photos.filter((photo) => photo && photo.state !== 'there' && photo.state !== 'kept')
    const photosDone = blobs.size - waiting.filter((photo) => photo?.state !== 'sent').length
    const state = stateOf(journal, rows, waiting.length > 0)
    return { state, photosDone, photosTotal: blobs.size, problem: await this.problemOf(state, rows, waiting) }
  }

  private async problemOf(state: RecordState, rows: OutboxRecord[], waiting: (PhotoRecord | undefined)[]): Promise<ServerProblem | null> {
    const rejected = rows.find(({ status }) => status === 'quarantined')
    if (rejected) return (await this.detail(rejected))?.problem ?? null
    const code = state === 'photos' ? waiting.find((photo) => photo?.problem)?.problem : null
    return code ? { code, params: {} } : null
  }

  private async body(row: OutboxRecord): Promise<Body | null> {
    const record = await this.db.text.bodies.get([row.device, row.seq])
    return record ? this.keys.open<Body>(record.box).catch(() => null) : null
  }

  private detail = ({ detail }: OutboxRecord): Promise<Detail | null> | null => detail && this.keys.open<Detail>(detail).catch(() => null)
}

function stateOf(journal: number, rows: OutboxRecord[], photosMissing: boolean): RecordState {
  const any = (...statuses: string[]) => rows.some(({ status }) => statuses.includes(status))
  if (any('quarantined')) return 'rejected'
  if (any('conflict')) return 'conflict'
  if (journal > 0) return 'local'
  if (any('frozen', 'held')) return 'waiting'
  return photosMissing ? 'photos' : 'delivered'
}

/** How many records of a vault are not at the server in full; needs nobody unlocked. */
export async function unsentCount({ text, bytes }: Databases, vault: string): Promise<number> {
  const journal = await text.journal.where('vault').equals(vault).toArray()
  const rows = await text.outbox.where('vault').equals(vault).filter(({ gone }) => !gone).toArray()
  const photos = await bytes.photos.where('vault').equals(vault).filter(({ state }) => state !== 'there' && state !== 'kept').toArray()
  const missing = new Set(photos.map(({ sha }) => sha))
  const open = rows.filter(({ status, blobs }) => status === 'frozen' || status === 'held' || blobs.some((sha) => missing.has(sha)))
  return new Set([...journal, ...open].map(({ entity }) => entity)).size
}
