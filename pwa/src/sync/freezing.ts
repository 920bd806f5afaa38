/**
 * Freezing: journal entries become mutations with seq, hash and a place in the chain, which never change again.
 *
 * Two steps, because WebCrypto cannot be awaited inside an IndexedDB transaction: `freeze` gives seq and hash in one
 * transaction, `secure` signs the head and seals a copy to the server. What a crash left between them, the next
 * `secure` makes up.
 */
import { fromHex, fromB64u, hex } from './bytes'
import type { EnrolmentRecord, OutboxRecord, TextDb } from './db'
import { LIMITS, bodyHash, genesis, headMessage, link, type Author, type Entry, type Mutation } from './envelope'
import * as hlc from './hlc'
import { due, fold, journalOf, type Folded } from './journal'
import { sign } from './keys'
import type { Operations } from './operations'
import { sealSegment } from './sealing'
import type { Keyring } from './vault'

/** A mutation as it is kept: seq is its key. */
export type Body = Omit<Mutation, 'seq'>

/** The enrolment under which this vault freezes and sends now; undefined before the first, or while a new one is needed. */
export async function enrolmentOf(db: TextDb, vault: string): Promise<EnrolmentRecord | undefined> {
  const device = (await db.vaults.get(vault))?.device
  const enrolment = device ? await db.enrolments.get(device) : undefined
  return enrolment?.ended ? undefined : enrolment
}

/** Freezes what is due, or all. Returns how many mutations it made; 0 also where there is no enrolment yet. */
export async function freeze(db: TextDb, keys: Keyring, operations: Operations, now: number, all: boolean): Promise<number> {
  for (;;) {
    const enrolment = await enrolmentOf(db, keys.vault)
    if (!enrolment) return 0
    const entries = await journalOf(db, keys)
    const folded = fold(entries.slice(0, all ? entries.length : due(entries.map(({ act }) => act), operations, now)), operations)
    if (folded.length === 0 || await chained(db, keys, enrolment, folded, now)) return folded.length
    // Another tab froze or heard the server meanwhile: look again.
  }
}

async function chained(db: TextDb, keys: Keyring, enrolment: EnrolmentRecord, folded: Folded[], now: number): Promise<boolean> {
  const { device, vault } = enrolment
  let { seq } = enrolment
  let clock = hlc.parse(enrolment.hlc)
  let head = fromHex(enrolment.link)
  const rows: OutboxRecord[] = []
  const bodies: Body[] = []
  for (const { act } of folded) {
    clock = hlc.send(clock, act.ms)
    const { id, op, entity, base, args, wall, mono_ms, boot, deps = [], blobs } = act
    const body: Body = { id, op, entity, base, args, hlc: hlc.write(clock), wall, mono_ms, boot, deps, blobs }
    const hash = bodyHash(body)
    head = link(head, ++seq, hash)
    bodies.push(body)
    rows.push({
      device, seq, vault, entity: keys.tag(entity), blobs, hash: hex(hash), link: hex(head), frozen_at: now,
      status: 'frozen', ver: null, epoch: enrolment.epoch, acked_at: null, shown: 1, void: 0, detail: null, gone: 0,
    })
  }
  const boxes = await Promise.all(bodies.map((body) => keys.seal(body)))
  const taken = folded.flatMap(({ from }) => from)
  return db.transaction('rw', [db.enrolments, db.journal, db.outbox, db.bodies], async () => {
    const present = await db.enrolments.get(device)
    const entries = await db.journal.bulkGet(taken)
    if (present?.seq !== enrolment.seq || present.hlc !== enrolment.hlc || entries.includes(undefined)) return false
    await db.outbox.bulkAdd(rows)
    await db.bodies.bulkAdd(rows.map((row, index) => ({ device, seq: row.seq, box: boxes[index]! })))
    await db.journal.bulkDelete(taken)
    await db.enrolments.update(device, { seq, link: hex(head), hlc: hlc.write(clock) })
    return true
  })
}

/** Signs and seals whatever is frozen and not yet secured, in segments that each fit an exchange. */
export async function secure(db: TextDb, keys: Keyring): Promise<void> {
  for (;;) {
    const enrolment = await enrolmentOf(db, keys.vault)
    if (!enrolment || enrolment.secured >= enrolment.seq) return
    const { device, secured } = enrolment
    const frozen = await db.outbox.where('[device+seq]').between([device, secured + 1], [device, enrolment.seq], true, true).toArray()
    const { rows, entries } = await fitting(db, keys, frozen, LIMITS.mutation)
    const last = rows.at(-1)!
    const signature = await sign(keys.signing, headMessage(fromHex(last.link)))
    const author = await authorOf(db, enrolment)
    const segment = await sealSegment(fromB64u(enrolment.sealing.public), device, entries, signature, author)
    await db.transaction('rw', [db.enrolments, db.segments], async () => {
      if ((await db.enrolments.get(device))?.secured !== secured) return
      await db.segments.put(segment)
      await db.enrolments.update(device, { secured: last.seq })
    })
  }
}

/** Whose the next segment is. Null where the store lost the link before it: then the enrolment itself goes no further. */
async function authorOf(db: TextDb, { device, vault, secured }: EnrolmentRecord): Promise<Author | null> {
  const after = secured === 0 ? hex(genesis(device)) : (await db.outbox.get([device, secured]))?.link
  const { user, signing_public } = (await db.vaults.get(vault))!
  return after ? { user, signing_key: signing_public, after } : null
}

/** The first of these mutations, as many as `size` bytes of JSON and an exchange hold; at least one. */
export async function fitting(
  db: TextDb, keys: Keyring, rows: OutboxRecord[], size: number, most: number = LIMITS.entries,
): Promise<{ rows: OutboxRecord[]; entries: Entry[] }> {
  const some = rows.slice(0, most)
  const bodies = await db.bodies.bulkGet(some.map(({ device, seq }) => [device, seq]))
  let bytes = 0
  const count = bodies.findIndex((body, index) => (bytes += body?.box.length ?? 100) > size && index > 0)
  const taken = count < 0 ? some : some.slice(0, count)
  return { rows: taken, entries: await Promise.all(taken.map((row, index) => entry(keys, row, bodies[index]?.box))) }
}

/** A mutation whose body is lost, damaged or too large holds its place as a void, so that the links behind it stay true. */
async function entry(keys: Keyring, row: OutboxRecord, box: Uint8Array<ArrayBuffer> | undefined): Promise<Entry> {
  const body = box && !row.void ? await keys.open<Body>(box).catch(() => undefined) : undefined
  return body ? { seq: row.seq, ...body } : { seq: row.seq, void: row.hash }
}
