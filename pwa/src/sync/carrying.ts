/**
 * Work that goes by hand: a colleague's sealed segments come in as a file, are handed in where there is a network, and
 * the server's receipts go back the same way. The carrier reads nothing and can forge nothing; what was handed in by
 * file and by network both has the effect of one.
 */
import { backOff } from './backoff'
import { inPieces, kindOf, readBundle, readPart, readReceipts, writeReceipts } from './bundle'
import { hex, utf8 } from './bytes'
import { sha256 } from './canonical'
import type { CarriedRecord, EnrolmentRecord, OutboxRecord, TextDb } from './db'
import { receiptMessage, type Receipt, type Sealed, type ServerProblem } from './envelope'
import { Refused, type Http } from './http'
import { verify } from './keys'
import { concluded, segmentsOf } from './outbox'
import { SyncError } from './problems'

const DAY = 86_400_000
const KEPT_DAYS = 30

/** One carried segment: `count` acts; `problem`: why the server took nothing of it. */
export interface Carried { key: string; at: number; count: number; state: 'waiting' | 'handed in' | 'refused'; problem: ServerProblem | null }

/** What a file brought: a colleague's segments (fresh: not here yet), or receipts (of own: for work done on this phone). */
export type TakenIn = { kind: 'bundle'; segments: number; fresh: number } | { kind: 'receipts'; receipts: number; own: number }

/** Everything on this phone that the server has not answered for, of everybody. */
export async function toCarry(db: TextDb): Promise<Sealed[]> {
  const segments: Sealed[] = []
  for (const enrolment of await db.enrolments.toArray()) {
    // What has a receipt is carried no second time, though the network will still say it again.
    if (!enrolment.ended) segments.push(...(await segmentsOf(db, enrolment.device)))
  }
  return segments
}

/** Takes a file that was carried here; of a part, what is behind it to be handed in. Throws SyncError file.foreign, file.damaged, receipt.forged; then nothing of it was taken. */
export async function takeIn(db: TextDb, text: string, now: number): Promise<TakenIn> {
  const kind = kindOf(text)
  if (!kind) throw new SyncError('file.foreign')
  if (kind !== 'receipts') return takeBundle(db, undamaged(() => readBundle(kind === 'part' ? readPart(text).bundle : text)), now)
  const receipts = undamaged(() => readReceipts(text))
  return { kind, receipts: receipts.length, own: await takeReceipts(db, receipts, now) }
}

/** Throws SyncError file.damaged for whatever reading it throws. */
export function undamaged<T>(read: () => T): T {
  try {
    return read()
  } catch {
    throw new SyncError('file.damaged')
  }
}

async function takeBundle(db: TextDb, segments: Sealed[], at: number): Promise<TakenIn> {
  const records = segments.map(({ device, first, last, box }): CarriedRecord => (
    { key: hex(sha256(utf8(`${device} ${first} ${last} ${box}`))), device, first, last, box, at, failures: 0, next_at: 0, receipt: null }
  ))
  const fresh = await db.transaction('rw', db.carried, async () => {
    const known = await db.carried.bulkGet(records.map(({ key }) => key))
    const added = records.filter((_, index) => !known[index])
    await db.carried.bulkPut(added)
    return added.length
  })
  return { kind: 'bundle', segments: segments.length, fresh }
}

/**
 * Concludes what the server signed for. Returns for how many receipts there was work here; those of other phones are let be.
 *
 * Throws SyncError receipt.forged when one that is for this phone is not the server's.
 */
export async function takeReceipts(db: TextDb, receipts: readonly Receipt[], now: number): Promise<number> {
  const enrolments = await db.enrolments.bulkGet(receipts.map(({ device }) => device))
  const own = receipts.flatMap((receipt, index) => (enrolments[index] ? [{ receipt, enrolment: enrolments[index] }] : []))
  for (const { receipt, enrolment } of own) {
    if (!(await verify(enrolment.receipt.public, receiptMessage(receipt), receipt.sig))) throw new SyncError('receipt.forged')
  }
  await db.transaction('rw', db.outbox, async () => {
    for (const { receipt, enrolment } of own) await conclude(db, receipt, enrolment, now)
  })
  return own.length
}

async function conclude(db: TextDb, { results }: Receipt, { device, epoch }: EnrolmentRecord, now: number): Promise<void> {
  if (results.length === 0) return
  const rows = await db.outbox.bulkGet(results.map(({ seq }) => [device, seq] as [string, number]))
  const told = results.flatMap(({ seq, status }, index): OutboxRecord[] => {
    const row = rows[index]
    // The network's word is the fuller one. That it was there before says not what became of it.
    if (!row || row.status !== 'frozen' || status === 'duplicate') return []
    const result = { seq, status, was: null, ver: null, conflict: null, problem: null }
    return [{ ...concluded(row, { result, detail: null }, epoch, now), carried: 1 }]
  })
  if (told.length > 0) await db.outbox.bulkPut(told)
}

/** Carried segments whose turn it is, each phone's in its order. */
export async function dueToHandIn(db: TextDb, now: number, eager: boolean): Promise<CarriedRecord[]> {
  const due = await db.carried.filter(({ receipt, next_at }) => receipt === null && (eager || next_at <= now)).toArray()
  return due.sort((a, b) => (a.device === b.device ? a.first - b.first : a.device < b.device ? -1 : 1))
}

/** Hands in what is due, in pieces that a request holds. Throws Unreachable, Refused (the rest waits longer each time). */
export async function handIn(db: TextDb, http: Http, chance: () => number, now: number, eager: boolean): Promise<number> {
  const due = await dueToHandIn(db, now, eager)
  const waiting = new Set(due.map(({ key }) => key))
  const send = async (text: string) => (await http.json<{ receipts: Receipt[] }>({ method: 'POST', path: '/sync/bundles', text })).receipts
  try {
    await inPieces(due.map((one) => ({ ...one, box: one.box! })), send, (error) => error instanceof Refused && error.status === 413, async (some, receipts) => {
      await signedFor(db, some, receipts, now)
      for (const { key } of some) waiting.delete(key)
    })
  } catch (error) {
    const later = due.filter(({ key }) => waiting.has(key)).map((one) => ({ ...one, failures: one.failures + 1, next_at: now + backOff(one.failures, chance) }))
    await db.carried.bulkPut(later)
    throw error
  }
  return due.length
}

/** Receipts come in the order of the segments. What the server signed for need not be carried any further. */
async function signedFor(db: TextDb, records: CarriedRecord[], receipts: Receipt[], now: number): Promise<void> {
  const answered = records.flatMap((record, index) => {
    const receipt = receipts[index]
    return receipt?.device === record.device && receipt.first === record.first && receipt.last === record.last ? [{ ...record, receipt, box: null }] : []
  })
  await db.carried.bulkPut(answered)
  await takeReceipts(db, answered.map(({ receipt }) => receipt), now)
}

/** What was carried here, the newest first. */
export async function carried(db: TextDb): Promise<Carried[]> {
  const all = await db.carried.toArray()
  return all.sort((a, b) => b.at - a.at).map(({ key, at, first, last, receipt }) => ({
    key, at, count: last - first + 1, state: receipt === null ? 'waiting' : receipt.problem ? 'refused' : 'handed in', problem: receipt?.problem ?? null,
  }))
}

/** The receipts that are to go back to the phones whose work was carried. */
export async function receiptsText(db: TextDb): Promise<string> {
  const all = await db.carried.toArray()
  return writeReceipts(all.flatMap(({ receipt }) => receipt ?? []))
}

/** Receipts are kept long enough to be carried back. */
export const letReceiptsGo = (db: TextDb, now: number): Promise<number> =>
  db.carried.filter(({ receipt, at }) => receipt !== null && now - at > KEPT_DAYS * DAY).delete()
