/** The rows that this phone holds, changed exactly as docs/adr/0004 ("What the phone does with changes") says. */
import type { RowRecord, ScopeRecord, TextDb } from './db'
import { minus, plus, rowDigest, written } from './digest'
import type { Delta, Json } from './envelope'
import { nonceOf, type Keyring } from './vault'

/** What the box of a row holds. */
export interface HeldRow { id: string; row: Json }

/** A delta with every row encrypted and every name hashed, ready for its transaction. */
export interface Prepared {
  changes: { key: string; scope: string; record: RowRecord | null }[]
  add: string[]
  drop: string[]
  ready: string[]
  /** All scopes of this person, once nothing more is to come; null before. */
  named: Set<string> | null
}

export const rowKey = (keys: Keyring, collection: string, id: string): string => keys.tag('row', collection, id)
export const collectionTag = (keys: Keyring, collection: string): string => keys.tag('collection', collection)
export const scopeTag = (keys: Keyring, scope: string): string => keys.tag('scope', scope)
/** Where a row goes that left while its owner still had edits for it: shown nowhere, counted nowhere, deleted once they are sent. */
export const hiddenTag = (keys: Keyring): string => keys.tag('hidden')

/** Encrypts what came, since WebCrypto cannot be awaited inside the transaction. epoch: of the answer. */
export async function prepare(keys: Keyring, delta: Delta, epoch: number): Promise<Prepared> {
  const tags = (scopes: string[]) => scopes.map((scope) => scopeTag(keys, scope))
  const changes = delta.changes.map(async ({ op, collection, id, scope: home, ver, row }) => {
    const [key, scope] = [rowKey(keys, collection, id), scopeTag(keys, home)]
    if (op !== 'put' || ver === null || row === null) return { key, scope, record: null }
    const box = await keys.seal({ id, row } satisfies HeldRow)
    const digest = written(keys.masked(rowDigest(collection, id, ver, row), nonceOf(box)))
    return { key, scope, record: { key, vault: keys.vault, collection: collectionTag(keys, collection), scope, ver, epoch, stale: 0, digest, box } as RowRecord }
  })
  return {
    changes: await Promise.all(changes), add: tags(delta.add_scopes), drop: tags(delta.drop_scopes), ready: tags(delta.ready_scopes),
    named: delta.more ? null : new Set(tags(Object.keys(delta.digest))),
  }
}

/**
 * Stores a delta; to be called inside a transaction over rows and scopes.
 *
 * pending: keys of rows with edits that are not sent; they are hidden instead of deleted.
 * Dexie loses a transaction in which something is awaited that asks nothing of the database: hence the guards.
 */
export async function store(db: TextDb, keys: Keyring, delta: Prepared, pending: ReadonlySet<string>): Promise<void> {
  const held = new Held(keys, pending)
  const { named } = delta
  const known = await db.scopes.where('vault').equals(keys.vault).primaryKeys()
  const unnamed = known.filter((scope) => named?.has(scope) === false)
  held.load(await db.rows.where('scope').anyOf([...delta.add, ...delta.drop, ...delta.ready, ...unnamed, hiddenTag(keys)]).toArray())
  if (delta.changes.length > 0) held.load(await db.rows.bulkGet(delta.changes.map(({ key }) => key)))
  held.apply(delta)
  const { kept, gone, sums } = held
  if (kept.length > 0) await db.rows.bulkPut(kept)
  if (gone.length > 0) await db.rows.bulkDelete(gone)
  if (sums.size > 0) {
    const before = await db.scopes.bulkGet([...sums.keys()])
    await db.scopes.bulkPut([...sums].map(([key, change], index) => sumRecord(keys, key, plus(sumOf(keys, before[index]), change))))
  }
  if (unnamed.length > 0) await db.scopes.bulkDelete(unnamed)
}

/** The digest of each scope asked for, over the rows as received. */
export async function scopeDigests(db: TextDb, keys: Keyring, scopes: string[]): Promise<Record<string, string>> {
  const records = await db.scopes.bulkGet(scopes.map((scope) => scopeTag(keys, scope)))
  return Object.fromEntries(scopes.map((scope, index) => [scope, written(sumOf(keys, records[index]))]))
}

const sumOf = (keys: Keyring, record: ScopeRecord | undefined): bigint =>
  record ? keys.masked(BigInt(`0x${record.sum}`), record.nonce) : 0n

function sumRecord(keys: Keyring, key: string, sum: bigint): ScopeRecord {
  const nonce = crypto.getRandomValues(new Uint8Array(12))
  return { key, vault: keys.vault, nonce, sum: written(keys.masked(sum, nonce)) }
}

/** The rows that a delta touches, as they become. sums: what is to be added to each scope's digest. */
class Held {
  readonly sums = new Map<string, bigint>()
  private readonly before = new Set<string>()
  private readonly changed = new Set<string>()
  private readonly rows = new Map<string, RowRecord>()
  private readonly hidden: string

  constructor(private readonly keys: Keyring, private readonly pending: ReadonlySet<string>) {
    this.hidden = hiddenTag(keys)
  }

  load(rows: (RowRecord | undefined)[]): void {
    for (const row of rows) {
      if (!row) continue
      this.rows.set(row.key, row)
      this.before.add(row.key)
    }
  }

  apply({ add, drop, ready, changes, named }: Prepared): void {
    for (const row of [...this.rows.values()]) {
      if (drop.includes(row.scope)) this.remove(row)
      else if (add.includes(row.scope)) this.set({ ...row, stale: 1 })
      else if (row.scope === this.hidden && !this.pending.has(row.key)) this.delete(row)
    }
    for (const { key, scope, record } of changes) {
      const row = this.rows.get(key)
      if (record) this.put(row, record)
      // Only the row's home takes it away.
      else if (row?.scope === scope) this.remove(row)
    }
    for (const row of [...this.rows.values()]) {
      if (row.scope === this.hidden) continue
      if ((row.stale && ready.includes(row.scope)) || named?.has(row.scope) === false) this.remove(row)
    }
  }

  get kept(): RowRecord[] {
    return [...this.changed].flatMap((key) => this.rows.get(key) ?? [])
  }

  get gone(): string[] {
    return [...this.before].filter((key) => !this.rows.has(key))
  }

  private put(before: RowRecord | undefined, record: RowRecord): void {
    if (before) this.count(before, minus)
    this.count(record, plus)
    this.set(record)
  }

  private remove(row: RowRecord): void {
    this.count(row, minus)
    if (this.pending.has(row.key)) this.set({ ...row, scope: this.hidden })
    else this.delete(row)
  }

  private set(row: RowRecord): void {
    this.rows.set(row.key, row)
    this.changed.add(row.key)
  }

  private delete(row: RowRecord): void {
    this.rows.delete(row.key)
  }

  private count(row: RowRecord, how: (sum: bigint, digest: bigint) => bigint): void {
    if (row.scope === this.hidden) return
    const digest = this.keys.masked(BigInt(`0x${row.digest}`), nonceOf(row.box))
    this.sums.set(row.scope, how(this.sums.get(row.scope) ?? 0n, digest))
  }
}
