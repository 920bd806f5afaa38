/**
 * Work whose enrolment has ended under a PIN that was forgotten: nobody on this phone can issue it again. Its sealed
 * copies go with the same person's present enrolment, and people at the desk look at them (docs/adr/0004, "Strays").
 */
import { takeReceipts } from './carrying'
import type { EnrolmentRecord, TextDb } from './db'
import type { Receipt, Sealed } from './envelope'
import { segmentsOf, unsaid } from './outbox'

/** Refused as a whole (by a server of before): not at once again. */
const AGAIN_MS = 86_400_000

/** The ended enrolments of the vaults that this one took over from; none for one that was itself forgotten. */
export async function forgotten(db: TextDb, vault: string): Promise<EnrolmentRecord[]> {
  const { user, retired } = (await db.vaults.get(vault))!
  if (retired) return []
  const before = await db.vaults.where('user').equals(user).filter((one) => one.retired === 1).primaryKeys()
  if (before.length === 0) return []
  return db.enrolments.where('vault').anyOf(before).filter(({ ended }) => ended !== null).toArray()
}

/** The sealed copies that are to go with this enrolment. */
export async function strays(db: TextDb, { vault }: EnrolmentRecord, now: number): Promise<Sealed[]> {
  const due = (await forgotten(db, vault)).filter(({ next_at }) => next_at <= now)
  return (await Promise.all(due.map(({ device }) => segmentsOf(db, device)))).flat()
}

/** A server that went back before what such an enrolment had brought gets that again too. */
export async function recallStrays(db: TextDb, { vault, epoch }: EnrolmentRecord): Promise<void> {
  for (const { device } of (await forgotten(db, vault)).filter((one) => one.epoch < epoch)) {
    await db.transaction('rw', [db.enrolments, db.outbox], async () => {
      const told = await db.outbox.where('[device+seq]').between([device, 0], [device, Infinity]).filter(({ gone }) => !gone).toArray()
      await db.outbox.bulkPut(told.map(unsaid))
      await db.enrolments.update(device, { epoch, next_at: 0 })
    })
  }
}

/** What the server signed for is concluded; what it would not take is kept, and tried again another day. */
export async function hearStrays(db: TextDb, own: string, receipts: readonly Receipt[], now: number): Promise<void> {
  for (const receipt of receipts.filter(({ device }) => device !== own)) {
    const taken = receipt.problem === null && (await takeReceipts(db, [receipt], now).catch(() => 0)) > 0
    if (!taken) await db.enrolments.update(receipt.device, { next_at: now + AGAIN_MS })
  }
}
