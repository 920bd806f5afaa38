/** What became of what was sent: results, what to ask for, what is kept how long. */
import type { BytesDb, EnrolmentRecord, OutboxRecord, PhotoRecord, TextDb } from './db'
import { LIMITS, type Result, type Sealed } from './envelope'
import type { Keyring } from './vault'

const DAY = 86_400_000
/** After the server has it in a verified backup; and where it has no backup at all. */
const KEPT_DAYS = { durable: 14, without_backup: 30 } as const

/** A result with its detail encrypted; detail null where the owner is locked (it is asked for when he is back). */
export interface SealedResult { result: Result; detail: OutboxRecord['detail'] }

export const sealResults = (keys: Keyring | null, results: readonly Result[]): Promise<SealedResult[]> =>
  Promise.all(results.map(async (result) => {
    const { problem, conflict, mended } = result
    return { result, detail: keys && (problem || conflict || mended) ? await keys.seal({ problem, conflict, mended }) : null }
  }))

/** An outbox row as a result leaves it. */
export function concluded(row: OutboxRecord, { result, detail }: SealedResult, epoch: number, now: number): OutboxRecord {
  // That somebody put it right is told to its author: while he is locked it counts as not told, and is asked for again.
  if (result.mended && !detail) return row
  const status = (result.status === 'duplicate' ? result.was : result.status) ?? 'held'
  return { ...row, status, ver: result.ver, epoch, acked_at: row.acked_at ?? now, carried: 0, detail: detail ?? (status === row.status ? row.detail : null) }
}

/** As if it had never been heard of: the server went back before it, and gets it again. */
export const unsaid = (row: OutboxRecord): OutboxRecord => ({ ...row, status: 'frozen', ver: null, acked_at: null, carried: 0, detail: null, shown: 1 })

/** What the server has, but people may still change the end of. */
export async function toAsk(db: TextDb, { device }: EnrolmentRecord): Promise<number[]> {
  const open = await db.outbox.where('[device+status]').anyOf(['held', 'quarantined', 'conflict'].map((status) => [device, status])).toArray()
  return open.filter(({ gone }) => !gone).map(({ seq }) => seq).sort((a, b) => a - b).slice(-LIMITS.ask)
}

/**
 * What is to be sent: all above what the server said it has, and all it never gave an answer to.
 *
 * The second matters when the server's count rose without us: by a bundle, or by a copy of this phone. Sent again, it
 * answers `duplicate` in the one case and `device_forked` in the other; asked for, it would answer for the copy's.
 */
export async function unsent(db: TextDb, { device, last_seq, secured }: EnrolmentRecord): Promise<OutboxRecord[]> {
  const [first] = await db.outbox.where('[device+status]').equals([device, 'frozen']).sortBy('seq')
  const from = Math.min(first?.seq ?? Infinity, last_seq + 1)
  return db.outbox.where('[device+seq]').between([device, from], [device, secured], true, true).toArray()
}

/** The sealed copies in which is something that the server has not answered for. */
export async function segmentsOf(db: TextDb, device: string): Promise<Sealed[]> {
  const waiting = (await db.outbox.where('[device+status]').equals([device, 'frozen']).toArray()).filter(({ gone }) => !gone)
  if (waiting.length === 0) return []
  const all = await db.segments.where('[device+first]').between([device, 0], [device, Infinity]).toArray()
  return all.filter(({ first, last }) => waiting.some(({ seq }) => first <= seq && seq <= last))
}

/**
 * Lets go of bodies, sealed copies and photos that the server will not ask for again.
 *
 * Hashes and links stay: should the server ever go back beyond what is kept, their places are filled with voids.
 */
export async function letGo(text: TextDb, bytes: BytesDb, now: number): Promise<void> {
  const enrolments = new Map((await text.enrolments.toArray()).map((enrolment) => [enrolment.device, enrolment]))
  const all = await text.outbox.toArray()
  const photos = new Map((await bytes.photos.toArray()).map((photo) => [`${photo.vault} ${photo.sha}`, photo]))
  const done = all.filter((row) => !row.gone && isDone(row, enrolments.get(row.device), row.blobs.map((sha) => photos.get(`${row.vault} ${sha}`)), now))
  const bound = done.map(({ device, seq }) => [device, seq] as [string, number])
  await text.transaction('rw', [text.outbox, text.bodies], async () => {
    await text.outbox.where('[device+seq]').anyOf(bound).modify({ gone: 1, detail: null })
    await text.bodies.where('[device+seq]').anyOf(bound).delete()
  })
  const left = all.filter((row) => !row.gone && !done.includes(row))
  await text.segments.filter((segment) => !left.some(({ device, seq }) => device === segment.device && segment.first <= seq && seq <= segment.last)).delete()
  await letPhotosGo(text, bytes, now, new Set(left.flatMap(({ blobs }) => blobs)))
}

async function letPhotosGo(text: TextDb, bytes: BytesDb, now: number, needed: Set<string>): Promise<void> {
  for (const { blobs } of await text.journal.toArray()) blobs.forEach((sha) => needed.add(sha))
  const old = (photo: PhotoRecord) => now - (photo.there_at ?? photo.at) > KEPT_DAYS.without_backup * DAY
  // The server's own wish (missing, sent) outlives every limit.
  const photos = await bytes.photos.filter((photo) => !needed.has(photo.sha) && old(photo) && !['missing', 'sent'].includes(photo.state)).toArray()
  const keys = photos.map(({ vault, sha }) => [vault, sha] as [string, string])
  await bytes.transaction('rw', [bytes.photos, bytes.bytes], async () => {
    await bytes.photos.bulkDelete(keys)
    await bytes.bytes.bulkDelete(keys)
  })
}

/** Only what came to a good end, photos and all: a conflict or a refusal stays for people to see. */
function isDone(
  { status, shown, seq, acked_at }: OutboxRecord, enrolment: EnrolmentRecord | undefined, photos: (PhotoRecord | undefined)[], now: number,
): boolean {
  if (!enrolment || acked_at === null || shown || (status !== 'applied' && status !== 'merged')) return false
  if (photos.some((photo) => photo && photo.state !== 'there' && photo.state !== 'kept')) return false
  const days = (now - Math.max(acked_at, ...photos.map((photo) => photo?.there_at ?? 0))) / DAY
  // Of an enrolment that has ended nobody tells any more what is backed up.
  const backedUp = enrolment.durable_seq > 0 && !enrolment.ended
  return backedUp ? seq <= enrolment.durable_seq && days >= KEPT_DAYS.durable : days >= KEPT_DAYS.without_backup
}
