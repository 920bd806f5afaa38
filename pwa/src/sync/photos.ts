/**
 * Photos and files, encrypted, in a database of their own.
 *
 * Each has a random key, kept twice: under the owner's data key, and, until the server has the photo, under the phone's
 * travel key, so that photos go up while their owner is locked or away. The travel key is one that the browser does not
 * give out; who could get it from the disk of a phone all the same would see what is on its way, a few photos for as
 * long as there is no network, and no answers, names or signatures. That is the price of evidence that arrives.
 */
import type { Bytes } from './bytes'
import { hex } from './bytes'
import { isFull, type BytesDb, type PhoneRecord, type PhotoRecord, type TextDb } from './db'
import { SyncError } from './problems'
import { boxed, unboxed, type Keyring } from './vault'

export interface PhotoFile { bytes: BufferSource; type: string; facts: unknown }

/** `sha256:` and hex: the name of bytes everywhere. */
export const nameOf = async (bytes: BufferSource): Promise<string> => `sha256:${hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))}`

/**
 * Keeps a photo. Resolves when it was read back and is what it should be.
 *
 * state: waiting for one taken here, kept for one that came from the server.
 * Throws SyncError photo.damaged when the bytes are not those of the name, or did not come back; storage.full.
 */
export async function savePhoto(
  db: BytesDb, phone: PhoneRecord, keys: Keyring, sha: string, file: PhotoFile, now: number, state: 'waiting' | 'kept' = 'waiting',
): Promise<void> {
  if ((await nameOf(file.bytes)) !== sha) throw new SyncError('photo.damaged')
  const raw = crypto.getRandomValues(new Uint8Array(32))
  const box = await boxed(await aes(raw), file.bytes)
  const record: PhotoRecord = {
    vault: keys.vault, sha, type: file.type, size: file.bytes.byteLength, at: now, state,
    own: await keys.sealBytes(raw), travel: state === 'waiting' ? await boxed(phone.travel, raw) : null, facts: await keys.seal(file.facts),
    url: null, failures: 0, next_at: 0, problem: null,
  }
  try {
    await db.transaction('rw', [db.photos, db.bytes], async () => {
      if (await db.photos.get([keys.vault, sha])) return
      await db.photos.add(record)
      // As an ArrayBuffer: Safari has lost Blobs that were put into IndexedDB.
      await db.bytes.add({ vault: keys.vault, sha, box: box.buffer })
    })
  } catch (error) {
    throw isFull(error) ? new SyncError('storage.full') : error
  }
  const back = await readPhoto(db, keys, sha).catch(() => null)
  if (!back || (await nameOf(back)) !== sha) throw new SyncError('photo.damaged')
}

/** The bytes of a photo on this phone, else null. Throws OperationError when the disk damaged it. */
export async function readPhoto(db: BytesDb, keys: Keyring, sha: string): Promise<ArrayBuffer | null> {
  const photo = await db.photos.get([keys.vault, sha])
  return photo ? (await opened(db, photo, await keys.openBytes(photo.own))).buffer : null
}

/** The bytes of a photo to be sent: by the phone's travel key, or by the owner's while he is unlocked; else null. */
export async function readToSend(db: BytesDb, phone: PhoneRecord, keys: Keyring | null, photo: PhotoRecord): Promise<Bytes | null> {
  if (photo.travel) return opened(db, photo, await unboxed(phone.travel, photo.travel))
  return keys?.vault === photo.vault ? opened(db, photo, await keys.openBytes(photo.own)) : null
}

/** After an answer: what the server lacks of the photos in these vaults of the one who asked, and what it has. */
export async function heardMissing(text: TextDb, bytes: BytesDb, vaults: readonly string[], missing: readonly string[], now: number): Promise<void> {
  const lacks = new Set(missing)
  const photos = await bytes.photos.where('vault').anyOf(vaults).filter(({ state }) => state !== 'kept').toArray()
  for (const { vault, sha, state } of photos) {
    if (lacks.has(sha)) {
      if (state !== 'missing') await bytes.photos.update([vault, sha], { state: 'missing' })
    } else if (state !== 'there' && (state !== 'waiting' || (await referredTo(text, vault, sha)))) {
      await bytes.photos.update([vault, sha], { state: 'there', there_at: now, travel: null, url: null, failures: 0, next_at: 0, problem: null })
    }
  }
}

/** Whether the server has a mutation that refers to it. */
async function referredTo(text: TextDb, vault: string, sha: string): Promise<boolean> {
  return (await text.outbox.where('blobs').equals(sha).filter((row) => row.vault === vault && !row.gone && row.status !== 'frozen').count()) > 0
}

async function opened(db: BytesDb, { vault, sha }: PhotoRecord, raw: Bytes): Promise<Bytes> {
  const stored = await db.bytes.get([vault, sha])
  return unboxed(await aes(raw), new Uint8Array(stored!.box))
}

/** On a full phone: what came from the server and can be had from it again. */
export async function makeRoom(db: BytesDb): Promise<void> {
  const keys = (await db.photos.where('state').equals('kept').toArray()).map(({ vault, sha }) => [vault, sha] as [string, string])
  await db.transaction('rw', [db.photos, db.bytes], async () => {
    await db.photos.bulkDelete(keys)
    await db.bytes.bulkDelete(keys)
  })
}

const aes = (raw: Bytes) => crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
