/** What lies on a phone, as JSON that can be kept for ever, and back onto a phone. */
import Dexie from 'dexie'
import { b64u, fromB64u } from '../bytes'
import type { IndexedDb } from '../db'

interface Kept { name: string; version: number; stores: Record<string, string>; rows: Record<string, unknown[]> }
type Special = { $bytes: string } | { $buffer: string } | { $map: unknown[] } | { $set: unknown[] } | { $key: JsonWebKey; as: KeyAlgorithm; uses: KeyUsage[] }

/** Both databases of a profile, their schema included; keys must have been made extractable (`givingKeys`). */
export async function kept(idb: IndexedDb): Promise<Kept[]> {
  return Promise.all(['kuangjian', 'kuangjian-bytes'].map(async (name) => {
    const db = await new Dexie(name, idb).open()
    const stores = Object.fromEntries(db.tables.map((table) => [table.name, [table.schema.primKey, ...table.schema.indexes].map(({ src }) => src).join(',')]))
    const rows = await Promise.all(db.tables.map(async (table) => [table.name, (await packed(await table.toArray())) as unknown[]] as const))
    const found = { name, version: db.verno, stores, rows: Object.fromEntries(rows) }
    db.close()
    return found
  }))
}

/** Puts them onto an empty profile, in the version that they had. */
export async function putBack(idb: IndexedDb, databases: Kept[]): Promise<void> {
  for (const { name, version, stores, rows } of databases) {
    const db = new Dexie(name, idb)
    db.version(version).stores(stores)
    await db.open()
    for (const [table, records] of Object.entries(rows)) await db.table(table).bulkPut((await unpacked(records)) as unknown[])
    db.close()
  }
}

/** Members of the records of each table: what a later version of the app must still be able to read. */
export const shapeOf = (databases: Kept[]): Record<string, string[]> =>
  Object.fromEntries(databases.flatMap(({ rows }) => Object.entries(rows).map(([table, records]) => [table, [...new Set(records.flatMap((one) => Object.keys(one as object)))].sort()])))

/** While the work runs, the browser gives out every key that it makes. */
export async function givingKeys<T>(work: () => Promise<T>): Promise<T> {
  const { generateKey } = crypto.subtle
  crypto.subtle.generateKey = ((algorithm: AlgorithmIdentifier, _: boolean, uses: KeyUsage[]) => generateKey.call(crypto.subtle, algorithm, true, uses)) as typeof generateKey
  try {
    return await work()
  } finally {
    crypto.subtle.generateKey = generateKey
  }
}

/** JSON for what JSON does not know: bytes, maps, sets, keys. */
export async function packed(value: unknown): Promise<unknown> {
  if (value instanceof Uint8Array) return { $bytes: b64u(value) }
  if (value instanceof ArrayBuffer) return { $buffer: b64u(new Uint8Array(value)) }
  if (value instanceof Map) return { $map: await packed([...value]) }
  if (value instanceof Set) return { $set: await packed([...value]) }
  if (value instanceof CryptoKey) return { $key: await crypto.subtle.exportKey('jwk', value), as: value.algorithm, uses: value.usages }
  if (Array.isArray(value)) return Promise.all(value.map(packed))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([key, one]) => [key, await packed(one)])))
}

export async function unpacked(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(unpacked))
  if (typeof value !== 'object' || value === null) return value
  const special = value as Special
  if ('$bytes' in special) return fromB64u(special.$bytes)
  if ('$buffer' in special) return fromB64u(special.$buffer).buffer
  if ('$map' in special) return new Map((await unpacked(special.$map)) as [unknown, unknown][])
  if ('$set' in special) return new Set((await unpacked(special.$set)) as unknown[])
  if ('$key' in special) return crypto.subtle.importKey('jwk', { ...special.$key, ext: false }, special.as, false, special.uses)
  return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([key, one]) => [key, await unpacked(one)])))
}
