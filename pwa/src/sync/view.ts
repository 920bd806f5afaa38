/**
 * What an unlocked person sees: the server's rows, over them what colleagues gave him of theirs, and over that his own
 * acts, each until a row comes in which it took effect.
 */
import { lasting, unlessFull, type OutboxRecord, type RowRecord, type TextDb } from './db'
import type { Body } from './freezing'
import { journalOf } from './journal'
import type { Topics } from './live'
import type { Act, Operations, Put, Row } from './operations'
import type { PartAct } from './part'
import { collectionTag, hiddenTag, rowKey, type HeldRow } from './rows'
import { partsOf, type KeptPart } from './team'
import type { Keyring } from './vault'

/** An act that lies over the rows. row: null while it is only in the journal. touched: keys of the rows that it changed. */
interface Pending { act: Act; row: OutboxRecord | null; touched: string[] }

/** Whether the server has not concluded it. */
const isOpen = ({ status }: OutboxRecord): boolean => status === 'frozen' || status === 'held'
const keyOf = (collection: string, id: string): string => `${collection}\n${id}`
const collectionOf = (key: string): string => key.slice(0, key.indexOf('\n'))
const inTime = (a: OutboxRecord, b: OutboxRecord): number => a.frozen_at - b.frozen_at || a.seq - b.seq
const actOf = (act: PartAct): Act => ({ ...act, base: null, ms: Date.parse(act.wall), mono_ms: 0, boot: '', barrier: false })

export class View {
  /** The server's rows of the collections that were looked into. */
  private readonly bases = new Map<string, Map<string, Row>>()
  private pending: Pending[] = []
  /** What colleagues gave; null until it is read. */
  private parts: KeptPart[] | null = null
  /** Rows as the pending acts leave them. */
  private over = new Map<string, Row>()
  private readonly bodies = new Map<string, Act>()
  private queue: Promise<unknown> = Promise.resolve()
  private changes = 0

  constructor(
    private readonly db: TextDb, private readonly keys: Keyring, private readonly operations: Operations, private readonly topics: Topics,
    private readonly profile: () => unknown,
  ) {}

  /** Every row of a collection that is there, those made here included; in no particular order. */
  async rows(collection: string): Promise<Row[]> {
    const rows = new Map(await this.base(collection))
    for (const [key, row] of this.over) if (collectionOf(key) === collection) rows.set(row.id, row)
    return [...rows.values()]
  }

  async one(collection: string, id: string): Promise<Row | null> {
    await this.base(collection)
    return this.get(collection, id) ?? null
  }

  /** [epoch, ver] of a record's row as last received, or null. */
  async version(collection: string, id: string): Promise<[number, number] | null> {
    const record = await lasting(() => this.db.rows.get(rowKey(this.keys, collection, id)), this.db)
    return record ? [record.epoch, record.ver] : null
  }

  /** Reads anew what was done here and what became of it: at the start, after freezing, after an answer. */
  reload(): Promise<void> {
    return this.inOrder(() => lasting(() => this.readPending(), this.db))
  }

  /** The same, and colleagues' parts too. */
  partsChanged(): Promise<void> {
    this.parts = null
    return this.reload()
  }

  /** What was frozen here for a team's record and not refused, oldest first. */
  async actsFor(team: string): Promise<Act[]> {
    const all = await this.db.outbox.where('vault').equals(this.keys.vault).toArray()
    const good = all.filter(({ gone, status }) => !gone && status !== 'quarantined').sort(inTime)
    const acts = (await Promise.all(good.map((row) => this.body(row)))).filter((act) => act !== null)
    await this.lookInto(acts)
    return acts.filter((act) => this.operations[act.op]?.team?.(act, this.get) === team)
  }

  /** Ids of colleagues' acts on the same record without which this one could not be done: it waits for them at the server. */
  async leansOn(act: Act): Promise<string[]> {
    const on = (other: PartAct) => other.entity === act.entity && this.operations[other.op]?.collection === this.collectionOf(act)
    const acts = (this.parts ?? []).flatMap(({ part: { user, acts } }) => acts.filter((other) => on(other) && !this.hasReached(actOf(other), user)))
    if (acts.length === 0) return []
    await this.lookInto([act])
    return this.isPossibleAlone(act) ? [] : acts.map(({ id }) => id)
  }

  /** Whether it does something on what the server has and what was done here, without colleagues' parts. */
  private isPossibleAlone(act: Act): boolean {
    const shown = this.over
    this.over = new Map()
    for (const one of this.pending) for (const { collection, row } of this.effect(one.act, this.profile())) this.over.set(keyOf(collection, row.id), row)
    const possible = this.effect(act, this.profile()).length > 0
    this.over = shown
    return possible
  }

  /** Writes an act down and shows it; one after another, and never between the reading of the journal and its showing. */
  act(write: () => Promise<Act>): Promise<void> {
    return this.inOrder(async () => {
      const one: Pending = { act: await write(), row: null, touched: [] }
      await this.lookInto([one.act])
      this.pending.push(one)
      this.lay(one)
      this.tell(one.touched, `record/${one.act.entity}`)
    })
  }

  /** What is in the journal, oldest first. */
  taps(): Act[] {
    return this.pending.filter(({ row }) => row === null).map(({ act }) => act)
  }

  /** When every act begun is written down. */
  idle(): Promise<void> {
    return this.inOrder(async () => {})
  }

  /** Reads again the rows that an answer changed; null: any may have. */
  changed(rows: { collection: string; id: string }[] | null): Promise<void> {
    this.changes++
    return this.inOrder(async () => {
      const told = new Set(rows?.map(({ collection }) => collection) ?? this.bases.keys())
      if (rows === null) this.bases.clear()
      else await lasting(() => this.readAgain(rows.filter(({ collection }) => this.bases.has(collection))), this.db)
      // An act that one row shows now may have touched others.
      const before = this.over.keys()
      await this.rebase()
      for (const key of [...before, ...this.over.keys()]) told.add(collectionOf(key))
      this.topics.tell(...[...told].map((collection) => `rows/${collection}`))
    })
  }

  /** Keys of the rows under edits that the server does not have yet. */
  unsentRows(): Set<string> {
    const unsent = this.pending.filter(({ row }) => !row || isOpen(row))
    const touched = unsent.flatMap(({ act, touched }) => [...touched, keyOf(this.collectionOf(act), act.entity)])
    return new Set(touched.map((key) => rowKey(this.keys, ...(key.split('\n') as [string, string]))))
  }

  private get = (collection: string, id: string): Row | undefined => this.over.get(keyOf(collection, id)) ?? this.bases.get(collection)?.get(id)

  private inOrder(work: () => Promise<void>): Promise<void> {
    const turn = this.queue.then(work)
    this.queue = turn.catch(() => {})
    return turn
  }

  /** Lays an act over what is there; what it reads has been looked into. */
  private lay(one: Pending): void {
    const puts = this.effect(one.act, this.profile())
    for (const { collection, row } of puts) this.over.set(keyOf(collection, row.id), row)
    one.touched = puts.map(({ collection, row }) => keyOf(collection, row.id))
  }

  /** Of a colleague's part, for each record what came after the last act that the server's row shows. */
  private layPart({ part: { team, user, acts }, profile }: KeptPart): void {
    const all = acts.map(actOf)
    const reached = new Map(all.flatMap((act, index) => (this.hasReached(act, user) ? [[act.entity, index] as const] : [])))
    for (const act of all.filter(({ entity }, index) => index > (reached.get(entity) ?? -1))) {
      if (this.operations[act.op]?.team?.(act, this.get) !== team) continue
      for (const { collection, row } of this.effect(act, profile)) this.over.set(keyOf(collection, row.id), row)
    }
  }

  private hasReached(act: Act, user: string): boolean {
    const row = this.bases.get(this.collectionOf(act))?.get(act.entity)
    return row !== undefined && (this.operations[act.op]?.reached?.(act, row, user) ?? false)
  }

  private effect(act: Act, profile: unknown): Put[] {
    try {
      return this.operations[act.op]?.effect(act, this.get, profile) ?? []
    } catch (error) {
      // The act is kept and will be sent; one that cannot be shown (an older program's) must not hide all others.
      console.error(act.op, error)
      return []
    }
  }

  private async rebase(): Promise<void> {
    const parts = this.parts ?? []
    await this.lookInto([...parts.flatMap(({ part }) => part.acts), ...this.pending.map(({ act }) => act)])
    this.over = new Map()
    for (const part of parts) this.layPart(part)
    for (const one of this.pending) this.lay(one)
  }

  private async lookInto(acts: { op: string }[]): Promise<void> {
    const collections = new Set(acts.flatMap(({ op }) => this.operations[op]?.reads ?? []))
    for (const collection of collections) await this.base(collection)
  }

  private tell(touched: Iterable<string>, of = 'records'): void {
    this.topics.tell(of, ...new Set([...touched].map((key) => `rows/${collectionOf(key)}`)))
  }

  private async base(collection: string): Promise<Map<string, Row>> {
    for (;;) {
      const known = this.bases.get(collection)
      if (known) return known
      const before = this.changes
      const records = await lasting(() => this.db.rows.where('collection').equals(collectionTag(this.keys, collection)).toArray(), this.db)
      const opened = await Promise.all(records.map((record) => this.opened(record)))
      // If an answer came meanwhile, this may be what was before it.
      if (before !== this.changes || this.bases.has(collection)) continue
      this.bases.set(collection, new Map(opened.flatMap((row) => (row ? [[row.id, row]] : []))))
    }
  }

  private async readAgain(rows: { collection: string; id: string }[]): Promise<void> {
    const records = await this.db.rows.bulkGet(rows.map(({ collection, id }) => rowKey(this.keys, collection, id)))
    await Promise.all(rows.map(async ({ collection, id }, index) => {
      const record = records[index]
      const row = record && (await this.opened(record))
      if (row) this.bases.get(collection)?.set(id, row)
      else this.bases.get(collection)?.delete(id)
    }))
  }

  /** Null for a row that is hidden, or does not open (a damaged disk): then the digest differs, and it is sent again. */
  private async opened({ box, ver, scope }: RowRecord): Promise<Row | null> {
    const held = scope === hiddenTag(this.keys) ? null : await this.keys.open<HeldRow>(box).catch(() => null)
    return held && { ...held.row, id: held.id, ver }
  }

  private async readPending(): Promise<void> {
    const all = await this.db.outbox.where('vault').equals(this.keys.vault).toArray()
    const shown = all.filter(({ shown, gone }) => shown && !gone).sort(inTime)
    const acts = await Promise.all(shown.map((row) => this.body(row)))
    const frozen = shown.flatMap((row, index) => (acts[index] ? [{ row, act: acts[index], touched: [] }] : []))
    const settled = await this.settled(frozen)
    const journal = (await journalOf(this.db, this.keys)).map(({ act }) => ({ act, row: null, touched: [] }))
    this.parts ??= await partsOf(this.db, this.keys)
    const before = this.over.keys()
    this.pending = [...frozen.filter((one) => !settled.has(one)), ...journal]
    await this.rebase()
    this.tell([...before, ...this.over.keys()])
  }

  /** Acts that the server's row now contains, or that it refused while it has such a row: the server's word counts. */
  private async settled<P extends { act: Act; row: OutboxRecord }>(pending: P[]): Promise<Set<P>> {
    const answered = pending.filter(({ row }) => !isOpen(row))
    if (answered.length === 0) return new Set()
    const records = await this.db.rows.bulkGet(answered.map(({ act }) => rowKey(this.keys, this.collectionOf(act), act.entity)))
    const settled = answered.filter(({ row }, index) => {
      const held = records[index]
      if (row.carried) return false
      if (row.status === 'quarantined') return held !== undefined
      if (row.ver === null) return true
      return held !== undefined && (held.epoch > row.epoch || (held.epoch === row.epoch && held.ver >= row.ver))
    })
    const keys = settled.map(({ row }) => [row.device, row.seq] as [string, number])
    if (keys.length > 0) await this.db.outbox.where('[device+seq]').anyOf(keys).modify({ shown: 0 }).catch(unlessFull)
    return new Set(settled)
  }

  private collectionOf = ({ op }: Act): string => this.operations[op]?.collection ?? ''

  private async body(row: OutboxRecord): Promise<Act | null> {
    const name = `${row.device}/${row.seq}`
    const known = this.bodies.get(name)
    if (known) return known
    const record = await this.db.bodies.get([row.device, row.seq])
    const body = record && (await this.keys.open<Body>(record.box).catch(() => null))
    if (!body) return null
    const act: Act = { ...body, ms: Date.parse(body.wall), barrier: false }
    this.bodies.set(name, act)
    return act
  }
}
