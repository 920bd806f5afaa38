/** An IndexedDB of one's own for a test, with what looks into it. */
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { openDatabases, thisPhone, type Databases, type IndexedDb } from '../db'
import { makeVault, type Keyring } from '../vault'

export const freshIdb = (): IndexedDb => ({ indexedDB: new IDBFactory(), IDBKeyRange })

/** A phone with one vault, its PIN 1234. */
export async function phoneWithVault(): Promise<Databases & { keys: Keyring }> {
  const databases = await openDatabases(freshIdb(), () => {})
  const phone = await thisPhone(databases.text, '019cac54-464b-7556-9da5-7f4b7bf472d7')
  const keys = await makeVault(databases.text, phone, { vault: 'vault', user: 'user', label: null, profile: null }, '1234', 0)
  return { ...databases, keys }
}
