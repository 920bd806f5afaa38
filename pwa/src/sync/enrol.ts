/** Enrolment: this phone and this person become a device of the server's; and again, after a fork. */
import { fromHex, hex } from './bytes'
import { wall, type Clock } from './clock'
import type { EnrolmentRecord, OutboxRecord, PhoneRecord, TextDb, VaultRecord } from './db'
import { enrolMessage, genesis, link, type EnrolAnswer, type EnrolRequest } from './envelope'
import * as hlc from './hlc'
import { Refused, type Http } from './http'
import { sign, signingPair } from './keys'
import { unsaid } from './outbox'
import type { Keyring } from './vault'

export interface Speaker { client: string; boot: string; clock: Clock }

/** Why a new enrolment is needed before anything can be frozen or sent: the first, or what ended the last; null when none is. */
export async function needsEnrolment(db: TextDb, vault: string): Promise<string | null> {
  const { device } = (await db.vaults.get(vault))!
  return device === null ? 'first' : (await db.enrolments.get(device))?.ended ?? null
}

/**
 * Enrols, with a live session of the vault's own user. A lost answer is asked for again with the same transport key.
 *
 * Throws Refused, Unreachable.
 */
export async function enrol(db: TextDb, http: Http, phone: PhoneRecord, keys: Keyring, { client, boot, clock }: Speaker): Promise<void> {
  const vault = await prepared(db, keys.vault)
  const { transport, transport_public, replaces } = vault.pending!
  const request: EnrolRequest = {
    v: 1, phone: phone.id, user: vault.user, transport_key: transport_public, signing_key: vault.signing_public, client, boot,
    mono_ms: clock.mono(), sent_at: wall(clock), replaces,
  }
  const message = enrolMessage(request)
  const proof = { transport: await sign(transport, message), signing: await sign(keys.signing, message) }
  try {
    const answer = await http.json<EnrolAnswer>({ method: 'POST', path: '/sync/enrolments', body: { ...request, proof } })
    await take(db, vault, answer, clock.now())
  } catch (error) {
    // Another transport key at the next try; or, where the server does not know what is replaced, a plain enrolment.
    if (error instanceof Refused && error.problem.code === 'sync.key_in_use') await db.vaults.update(vault.vault, { pending: null })
    if (error instanceof Refused && error.problem.code === 'sync.device_unknown') {
      await db.vaults.update(vault.vault, { pending: { ...vault.pending!, replaces: null, issue: 'all' } })
    }
    throw error
  }
}

/** The transport key is on disk before it is spoken of. */
async function prepared(db: TextDb, id: string): Promise<VaultRecord> {
  const { key, raw } = await signingPair(false)
  return db.transaction('rw', [db.vaults, db.enrolments], async () => {
    const vault = (await db.vaults.get(id))!
    if (vault.pending) return vault
    const before = vault.device ? await db.enrolments.get(vault.device) : undefined
    const forked = before !== undefined && before.ended !== 'sync.device_unknown'
    const pending = { transport: key, transport_public: raw, replaces: forked ? before.device : null, issue: forked ? 'unanswered' as const : 'all' as const }
    await db.vaults.update(id, { pending })
    return { ...vault, pending }
  })
}

/** The new device, and under it again what the old one could not bring: bodies and ids unchanged, seqs and chain new. */
async function take(db: TextDb, vault: VaultRecord, answer: EnrolAnswer, now: number): Promise<void> {
  const { device } = answer
  await db.transaction('rw', [db.vaults, db.enrolments, db.outbox, db.bodies, db.segments], async () => {
    // Two tabs may have asked with one key; the second finds the work done.
    if (await db.enrolments.get(device)) return
    const before = vault.device ? await db.enrolments.get(vault.device) : undefined
    const made = enrolment(vault, answer, before, now)
    if (before) await moveUnder(db, made, await toIssueAgain(db, before, vault.pending!.issue))
    if (before) await db.segments.where('[device+first]').between([before.device, 0], [before.device, Infinity]).filter(({ last }) => last > before.last_seq).delete()
    await db.enrolments.add(made)
    await db.vaults.update(vault.vault, { device, pending: null })
  })
}

/** Mutations of another enrolment, as the next of this one; its seq and link go on. */
async function moveUnder(db: TextDb, to: EnrolmentRecord, rows: readonly OutboxRecord[]): Promise<void> {
  const { device } = to
  for (const row of rows) {
    to.seq += 1
    to.link = hex(link(fromHex(to.link), to.seq, fromHex(row.hash)))
    const body = await db.bodies.get([row.device, row.seq])
    await db.outbox.add({ ...unsaid(row), device, seq: to.seq, link: to.link })
    if (body) await db.bodies.add({ ...body, device, seq: to.seq })
    await db.outbox.update([row.device, row.seq], { gone: 1, shown: 0 })
    await db.bodies.delete([row.device, row.seq])
  }
}

/**
 * A server that was restored may have forgotten what an enrolment brought that has ended since; its successor brings it
 * once more, and what is there all the same is a duplicate.
 */
export async function issueForgotten(db: TextDb, vault: string): Promise<void> {
  const all = await db.enrolments.where('vault').equals(vault).toArray()
  const { device: current } = (await db.vaults.get(vault))!
  const epoch = all.find(({ device, ended }) => device === current && !ended)?.epoch ?? 0
  for (const { device } of all.filter((one) => one.ended && one.epoch < epoch)) {
    await db.transaction('rw', [db.enrolments, db.outbox, db.bodies], async () => {
      const [before, to] = await db.enrolments.bulkGet([device, current!])
      if (!before || !to || to.ended || before.epoch >= to.epoch) return
      await moveUnder(db, to, await toIssueAgain(db, before, 'all'))
      await db.enrolments.update(to.device, { seq: to.seq, link: to.link })
      await db.enrolments.update(device, { epoch: to.epoch })
    })
  }
}

function enrolment(vault: VaultRecord, answer: EnrolAnswer, before: EnrolmentRecord | undefined, now: number): EnrolmentRecord {
  const node = parseInt(answer.device.slice(-8), 16)
  const clock = before ? { ...hlc.parse(before.hlc), node } : { ms: 0, counter: 0, node }
  const heard = hlc.receive(clock, { ms: Date.parse(answer.server_time), counter: 0, node: 0 }, now).next
  return {
    device: answer.device, vault: vault.vault, transport: vault.pending!.transport, sealing: answer.sealing_key, receipt: answer.receipt_key,
    epoch: answer.epoch, seq: 0, link: hex(genesis(answer.device)), secured: 0, hlc: hlc.write(heard),
    last_seq: answer.last_seq, durable_seq: answer.durable_seq, cursor: null, heard_at: null, mended_at: 0,
    failures: 0, next_at: 0, speaking_since: 0, ended: null, certificate: answer.certificate,
  }
}

function toIssueAgain(db: TextDb, before: EnrolmentRecord, which: 'unanswered' | 'all' | null): Promise<OutboxRecord[]> {
  const unanswered = ({ status, seq }: OutboxRecord) => status === 'frozen' || (status === 'held' && seq > before.last_seq)
  return db.outbox.where('[device+seq]').between([before.device, 0], [before.device, Infinity])
    .filter((row) => !row.gone && (which === 'all' || unanswered(row))).toArray()
}
