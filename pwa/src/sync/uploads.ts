/** Photos on their way up, one after another, each going on where it was cut off. */
import type { BytesDb, PhoneRecord, PhotoRecord } from './db'
import { backOff } from './backoff'
import { readToSend } from './photos'
import type { Keyring } from './vault'

/** What carries a file to the server: tus, or a test's. */
export interface Carrier {
  /** url: where to go on, if it was begun. failures: before this try; it goes in smaller parts. begun: told of the address as soon as there is one. Throws CarryFailed. */
  carry(file: { bytes: Blob; sha: string; type: string; url: string | null; failures: number }, begun: (url: string) => void): Promise<void>
}

/** status: of HTTP; 0 when nobody answered. */
export class CarryFailed extends Error {
  constructor(readonly status: number, readonly code: string) {
    super(code)
  }
}

const DAY = 86_400_000
/** Of a server that is busy, or that has forgotten the upload: no word about the photo. */
const AGAIN = [404, 408, 409, 410, 423, 429]

/** Those that the server asks for and whose turn it is, the oldest first. */
export async function dueUploads(db: BytesDb, now: number): Promise<PhotoRecord[]> {
  const missing = await db.photos.where('state').equals('missing').toArray()
  return missing.filter(({ next_at }) => next_at <= now).sort((a, b) => a.at - b.at)
}

/**
 * Sends what is due. Stops at the first that finds no network or no sign-in (returns `unreachable`, `expired`): the next would not either.
 */
export async function sendPhotos(
  db: BytesDb, phone: PhoneRecord, keys: Keyring | null, carrier: Carrier, chance: () => number, now: () => number, told: () => void,
): Promise<'done' | 'unreachable' | 'expired'> {
  for (const photo of await dueUploads(db, now())) {
    const key: [string, string] = [photo.vault, photo.sha]
    const bytes = await readToSend(db, phone, keys, photo).catch(() => null)
    if (!bytes) {
      await db.photos.update(key, { next_at: now() + DAY / 24, problem: 'photo.damaged' })
      continue
    }
    try {
      await carrier.carry({ bytes: new Blob([bytes], { type: photo.type }), sha: photo.sha, type: photo.type, url: photo.url, failures: photo.failures },
        (url) => void db.photos.update(key, { url }))
      // Whether it is there is for the server to say, in its next answer. If it asks again, then not at once.
      await db.photos.update(key, { state: 'sent', failures: photo.failures + 1, next_at: now() + backOff(photo.failures, chance), problem: null })
      told()
    } catch (error) {
      const { status, code } = error instanceof CarryFailed ? error : new CarryFailed(0, String(error))
      if (status === 401) return 'expired'
      // Bytes that arrived as others are damaged on their way: these here were hashed when they were read.
      const damaged = code === 'upload.checksum_wrong' || code === 'upload.wrong_hash'
      const refused = status >= 400 && status < 500 && !damaged && !AGAIN.includes(status)
      const next_at = now() + (refused ? DAY : backOff(photo.failures, chance))
      const gone = [404, 410].includes(status) || code === 'upload.wrong_hash'
      await db.photos.update(key, { failures: photo.failures + 1, next_at, problem: status ? code : photo.problem, ...(gone ? { url: null } : {}) })
      if (status === 0) return 'unreachable'
    }
  }
  return 'done'
}
