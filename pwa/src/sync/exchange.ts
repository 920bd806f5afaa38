/** One round trip: what is unsent goes up, results and rows come down, and all of an answer is stored in one transaction. */
import { fromHex, gzip, type Bytes } from './bytes'
import { wantsCertificate } from './certificate'
import { wall } from './clock'
import { isFull, type EnrolmentRecord, type TextDb } from './db'
import type { Speaker } from './enrol'
import { LIMITS, exchangeMessage, headMessage, type ExchangeAnswer, type ExchangeRequest, type Sealed } from './envelope'
import { fitting } from './freezing'
import * as hlc from './hlc'
import { sign } from './keys'
import { concluded, sealResults, toAsk, unsaid, unsent } from './outbox'
import { withReserve } from './reserve'
import { prepare, scopeDigests, store } from './rows'
import { strays } from './strays'
import type { Keyring } from './vault'

/** Room for what is not mutations, and for JSON that gzip shortens: what does not fit packed is halved before it is sent. */
const RAW_BYTES = 1_000_000
const SEALED_BYTES = 200_000
const HOUR = 3_600_000

/** A request ready to be sent. count: of entries or segments; seq: of a single one. */
export interface Prepared { request: ExchangeRequest; packed: Bytes; count: number; seq: number | null }

/** The enrolment's records have a hole whose hash is not known: only a new enrolment can go on. */
export class ChainLost extends Error {}

/**
 * keys: of the owner, when he is unlocked here; else his sealed segments go, and results only come.
 * most: entries or segments at most. Throws ChainLost.
 */
export async function build(db: TextDb, enrolment: EnrolmentRecord, keys: Keyring | null, speaker: Speaker, most: number): Promise<Prepared> {
  const { device, transport, sealing, cursor } = enrolment
  const { client, boot, clock } = speaker
  const request: ExchangeRequest = {
    v: 1, device, client, boot, mono_ms: clock.mono(), sent_at: wall(clock), cursor, pull: keys !== null, key: sealing.id,
    mutations: [], head_sig: null, sealed: [], ask: await toAsk(db, enrolment), ...(keys && wantsCertificate(enrolment, clock.now()) && { certify: true }),
  }
  const hashes = keys ? await addMutations(db, enrolment, keys, request, most) : new Map<number, string>()
  if (!keys) request.sealed = fittingSegments(await unsentSegments(db, enrolment), most)
  if (request.mutations.length + request.sealed.length === 0) request.sealed = fittingSegments(await strays(db, enrolment, clock.now()), most)
  const count = request.mutations.length + request.sealed.length
  const auth = await sign(transport, exchangeMessage(request, hashes))
  const packed = await gzip(JSON.stringify({ ...request, auth }))
  if (packed.length > LIMITS.sent && count > 1) return build(db, enrolment, keys, speaker, Math.floor(count / 2))
  return { request, packed, count, seq: count === 1 ? request.mutations[0]?.seq ?? null : null }
}

async function addMutations(db: TextDb, enrolment: EnrolmentRecord, keys: Keyring, request: ExchangeRequest, most: number): Promise<Map<number, string>> {
  const waiting = await unsent(db, enrolment)
  if (waiting.length === 0) return new Map()
  const { rows, entries } = await fitting(db, keys, waiting, RAW_BYTES, Math.min(most, LIMITS.entries))
  const [first, last] = [rows[0]!, rows.at(-1)!]
  if (first.seq > enrolment.last_seq + 1 || last.seq !== first.seq + rows.length - 1) throw new ChainLost()
  request.mutations = entries
  request.head_sig = await sign(keys.signing, headMessage(fromHex(last.link)))
  return new Map(rows.map(({ seq, hash }) => [seq, hash]))
}

/** The first of these segments, as many as an exchange holds. */
function fittingSegments(waiting: Sealed[], most: number): Sealed[] {
  let bytes = 0
  const count = waiting.findIndex(({ box }, index) => (bytes += box.length) > SEALED_BYTES && index > 0)
  return waiting.slice(0, Math.min(most, LIMITS.entries, count < 0 ? waiting.length : count))
}

/** The sealed copies of what the server does not have. */
export async function unsentSegments(db: TextDb, enrolment: EnrolmentRecord): Promise<Sealed[]> {
  const [first] = await unsent(db, enrolment)
  if (!first) return []
  const all = await db.segments.where('[device+first]').between([enrolment.device, 0], [enrolment.device, Infinity]).toArray()
  return all.filter(({ last }) => last >= first.seq)
}

/** What an answer changed. rows: null when any may have; diverged: scopes whose digest is not the server's. */
export interface Heard {
  live: boolean
  revoked: boolean
  more: boolean
  full: boolean
  rows: { collection: string; id: string }[] | null
  diverged: string[]
}

/**
 * Stores an answer. pending: keys of rows under unsent edits.
 *
 * Throws ChainLost when the server has more of this enrolment than was ever frozen here: a copy of this phone speaks too.
 */
export async function hear(
  db: TextDb, enrolment: EnrolmentRecord, keys: Keyring | null, request: ExchangeRequest, answer: ExchangeAnswer,
  pending: ReadonlySet<string>, now: number,
): Promise<Heard> {
  if (answer.last_seq > (await db.enrolments.get(enrolment.device))!.seq) throw new ChainLost()
  const told = keys && request.pull && answer.live ? keys : null
  let full = false
  await written(db, enrolment, keys, told, request, answer, pending, now).catch(async (error) => {
    // No room for rows: what became of the mutations is small, and must be known all the same.
    if (!isFull(error)) throw error
    full = true
    await withReserve(db, () => written(db, enrolment, keys, null, request, answer, pending, now))
  })
  const taken = told !== null && !full
  const diverged = taken && !answer.more ? await mended(db, enrolment.device, told, answer, now) : []
  const whole = answer.drop_scopes.length + answer.ready_scopes.length > 0
  const rows = taken && !whole ? answer.changes : taken || answer.revoked ? null : []
  return { live: answer.live, revoked: answer.revoked ?? false, more: taken && answer.more && answer.cursor !== request.cursor, full, rows, diverged }
}

async function written(
  db: TextDb, enrolment: EnrolmentRecord, keys: Keyring | null, told: Keyring | null, request: ExchangeRequest, answer: ExchangeAnswer,
  pending: ReadonlySet<string>, now: number,
): Promise<void> {
  const { device } = enrolment
  const delta = told && (await prepare(told, answer, answer.epoch))
  const results = new Map((await sealResults(keys, answer.results)).map((sealed) => [sealed.result.seq, sealed]))
  await db.transaction('rw', [db.enrolments, db.outbox, db.rows, db.scopes, db.teams, db.parts], async () => {
    const present = (await db.enrolments.get(device))!
    const seqs = [...results.keys()].map((seq) => [device, seq] as [string, number])
    const rows = seqs.length > 0 ? (await db.outbox.bulkGet(seqs)).filter((row) => row !== undefined) : []
    if (rows.length > 0) await db.outbox.bulkPut(rows.map((row) => concluded(row, results.get(row.seq)!, answer.epoch, now)))
    // The server was restored from a backup: it does not have what came after.
    if (answer.last_seq < present.last_seq) {
      const after = await db.outbox.where('[device+seq]').between([device, answer.last_seq], [device, Infinity], false).toArray()
      const forgotten = after.filter(({ seq, status }) => status !== 'frozen' && !results.has(seq))
      if (forgotten.length > 0) await db.outbox.bulkPut(forgotten.map(unsaid))
    }
    // A lost phone forgets; what is unsent on it still goes up.
    if (answer.revoked) await Promise.all([db.rows, db.scopes, db.teams, db.parts].map((table) => table.where('vault').equals(present.vault).delete()))
    // Another tab may have heard more since: then these rows are old.
    const current = present.cursor === request.cursor
    if (told && delta && current) await store(db, told, delta, pending)
    const heard = hlc.receive(hlc.parse(present.hlc), { ms: Date.parse(answer.server_time), counter: 0, node: 0 }, now)
    await db.enrolments.update(device, {
      epoch: answer.epoch, last_seq: answer.last_seq, durable_seq: answer.durable_seq, hlc: hlc.write(heard.next),
      sealing: answer.sealing_key ?? present.sealing, cursor: answer.revoked ? null : delta && current ? answer.cursor : present.cursor,
      heard_at: answer.revoked ? null : delta && current && !answer.more ? now : present.heard_at, failures: 0, speaking_since: 0,
      certificate: answer.certificate ?? present.certificate,
    })
  })
}

/** Scopes that differ from the server's. They are asked for anew, but not again and again: a fault must not become a storm. */
async function mended(db: TextDb, device: string, keys: Keyring, answer: ExchangeAnswer, now: number): Promise<string[]> {
  const scopes = Object.keys(answer.digest)
  const here = scopes.length > 0 ? await scopeDigests(db, keys, scopes) : {}
  const diverged = scopes.filter((scope) => here[scope] !== answer.digest[scope])
  const { mended_at } = (await db.enrolments.get(device))!
  if (diverged.length > 0 && now - mended_at > HOUR) await db.enrolments.update(device, { cursor: null, mended_at: now })
  return diverged
}
