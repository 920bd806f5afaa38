/** What an unlocked person sees: the server's rows with his own acts over them, until a row comes in which they took effect. */
import type { OutboxRecord, TextDb } from './db'
import type { Json } from './envelope'
import type { Body } from './freezing'
import { journalOf } from './journal'
import type { Topics } from './live'
import { effects, type Act, type Effect, type Operations } from './operations'
import { collectionTag, hiddenTag, rowKey, type HeldRow } from './rows'
import type { Keyring } from './vault'

/** An act that lies over the rows; row: null while it is only in the journal. */
interface Pending { act: Act; row: OutboxRecord | null }
interface Base { ver: number; epoch: number; row: Json; hidden: boolean }

/** Whether the server has not concluded it. */
const isOpen = ({ status }: OutboxRecord): boolean => status === 'frozen' || status === 'held'

export class View {
  private readonly bases = new Map<string, Map<string, Base>>()
  private pending: Pending[] = []
  private over = new Map<string, Effect[]>()
  private readonly made = new Map<string, Json>()
  private readonly bodies = new Map<string, Act>()
  private queue: Promise<unknown> = Promise.resolve()
  private changes = 0

  constructor(
    private readonly db: TextDb, private readonly keys: Keyring, private readonly operations: Operations, private readonly topics: Topics,
  ) {}

  /** Every row of a collection that is there, those made here included; in no particular order. */
  async rows(collection: string): Promise<Json[]> {
    const base = await this.base(collection)
    const fresh = [...this.over.values()].flatMap(([first]) => (first!.collection === collection && !base.has(first!.id) ? first!.id : []))
    return [...base.keys(), ...fresh].map((id) => this.row(collection, id, base.get(id))).filter((row) => row !== undefined)
  }

  async one(collection: string, id: string): Promise<Json | null> {
    return this.row(collection, id, (await this.base(collection)).get(id)) ?? null
  }

  /** [epoch, ver] of a record's row as last received, or null. */
  async version(collection: string, id: string): Promise<[number, number] | null> {
    const record = await this.db.rows.get(rowKey(this.keys, collection, id))
    return record ? [record.epoch, record.ver] : null
  }

  /** Reads anew what was done here and what became of it: at the start, after freezing, after an answer. */
  reload(): Promise<void> {
    return this.inOrder(() => this.readPending())
  }

  /** Writes an act down and shows it; one after another, and never between the reading of the journal and its showing. */
  act(write: () => Promise<Act>): Promise<void> {
    return this.inOrder(async () => this.show(await write()))
  }

  /** When every act begun is written down. */
  idle(): Promise<void> {
    return this.inOrder(async () => {})
  }

  private inOrder(work: () => Promise<void>): Promise<void> {
    const turn = this.queue.then(work)
    this.queue = turn.catch(() => {})
    return turn
  }

  private show(act: Act): void {
    this.pending.push({ act, row: null })
    for (const effect of effects(this.operations, act)) {
      const key = `${effect.collection}\n${effect.id}`
      this.over.set(key, [...(this.over.get(key) ?? []), effect])
      this.made.delete(key)
      this.topics.tell('records', `rows/${effect.collection}`)
    }
  }

  /** Reads again the rows that an answer changed; null: any may have. */
  async changed(rows: { collection: string; id: string }[] | null): Promise<void> {
    this.changes++
    if (rows === null) {
      const collections = [...this.bases.keys()]
      this.bases.clear()
      this.made.clear()
      return this.topics.tell(...collections.map((collection) => `rows/${collection}`))
    }
    const watched = rows.filter(({ collection }) => this.bases.has(collection))
    const records = await this.db.rows.bulkGet(watched.map(({ collection, id }) => rowKey(this.keys, collection, id)))
    await Promise.all(watched.map(async ({ collection, id }, index) => {
      const record = records[index]
      const held = record && (await this.opened(record))
      if (held) this.bases.get(collection)?.set(id, held.base)
      else this.bases.get(collection)?.delete(id)
      this.made.delete(`${collection}\n${id}`)
    }))
    this.topics.tell(...new Set(rows.map(({ collection }) => `rows/${collection}`)))
  }

  /** Keys of the rows under edits that the server does not have yet. */
  unsentRows(): Set<string> {
    const unsent = this.pending.filter(({ row }) => !row || isOpen(row))
    return new Set(unsent.flatMap(({ act }) => effects(this.operations, act)).map(({ collection, id }) => rowKey(this.keys, collection, id)))
  }

  /** The acts on one record that are still shown here, oldest first. */
  actsOn(entity: string): readonly Act[] {
    return this.pending.filter(({ act }) => act.entity === entity).map(({ act }) => act)
  }

  private row(collection: string, id: string, base: Base | undefined): Json | undefined {
    const key = `${collection}\n${id}`
    const made = this.made.get(key)
    if (made) return made
    if (base?.hidden) return undefined
    const row = (this.over.get(key) ?? []).reduce<Json | undefined>((row, effect) => effect.reduce(row), base?.row)
    if (row === undefined) return undefined
    const whole = { ...row, id, ver: base?.ver ?? 0 }
    this.made.set(key, whole)
    return whole
  }

  private async base(collection: string): Promise<Map<string, Base>> {
    for (;;) {
      const known = this.bases.get(collection)
      if (known) return known
      const before = this.changes
      const records = await this.db.rows.where('collection').equals(collectionTag(this.keys, collection)).toArray()
      const opened = await Promise.all(records.map((record) => this.opened(record)))
      // If an answer came meanwhile, this may be what was before it.
      if (before !== this.changes || this.bases.has(collection)) continue
      this.bases.set(collection, new Map(opened.flatMap((held) => (held ? [[held.id, held.base]] : []))))
    }
  }

  /** A row that does not open (a damaged disk) counts as absent; the digest will differ, and it is sent again. */
  private async opened({ box, ver, epoch, scope }: { box: Uint8Array<ArrayBuffer>; ver: number; epoch: number; scope: string }): Promise<{ id: string; base: Base } | null> {
    const held = await this.keys.open<HeldRow>(box).catch(() => null)
    return held && { id: held.id, base: { ver, epoch, row: held.row, hidden: scope === hiddenTag(this.keys) } }
  }

  private async readPending(): Promise<void> {
    const all = await this.db.outbox.where('vault').equals(this.keys.vault).toArray()
    const shown = all.filter(({ shown, gone }) => shown && !gone).sort((a, b) => a.frozen_at - b.frozen_at || a.seq - b.seq)
    const frozen = await Promise.all(shown.map(async (row) => ({ row, act: await this.body(row) })))
    const live = frozen.filter((pending): pending is { row: OutboxRecord; act: Act } => pending.act !== null)
    const settled = await this.settled(live)
    const journal = await journalOf(this.db, this.keys)
    const before = this.over
    this.pending = [...live.filter((pending) => !settled.has(pending)), ...journal.map(({ act }) => ({ act, row: null }))]
    this.over = new Map()
    for (const effect of this.pending.flatMap(({ act }) => effects(this.operations, act))) {
      const key = `${effect.collection}\n${effect.id}`
      this.over.set(key, [...(this.over.get(key) ?? []), effect])
    }
    const touched = new Set([...before.keys(), ...this.over.keys()])
    for (const key of touched) this.made.delete(key)
    this.topics.tell('records', ...new Set([...touched].map((key) => `rows/${key.slice(0, key.indexOf('\n'))}`)))
  }

  /** Acts that the server's row now contains, or that it refused while it has such a row: the server's word counts. */
  private async settled(pending: { row: OutboxRecord; act: Act }[]): Promise<Set<{ row: OutboxRecord; act: Act }>> {
    const answered = pending.filter(({ row }) => !isOpen(row))
    if (answered.length === 0) return new Set()
    const records = await this.db.rows.bulkGet(answered.map(({ act }) => rowKey(this.keys, this.operations[act.op]?.collection ?? '', act.entity)))
    const settled = answered.filter(({ row }, index) => {
      const held = records[index]
      if (row.status === 'quarantined') return held !== undefined
      if (row.ver === null) return true
      return held !== undefined && (held.epoch > row.epoch || (held.epoch === row.epoch && held.ver >= row.ver))
    })
    const keysOf = settled.map(({ row }) => [row.device, row.seq] as [string, number])
    if (settled.length > 0) await this.db.outbox.where('[device+seq]').anyOf(keysOf).modify({ shown: 0 })
    return new Set(settled)
  }

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
