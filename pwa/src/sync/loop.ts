/**
 * The exchange loop. What there is to do is read from the database at every tick, never kept in memory: a kill, a second
 * tab or a clock that jumped can not make it forget.
 */
import { backOff } from './backoff'
import { dueToHandIn, handIn, letReceiptsGo } from './carrying'
import { isFull, isLost, lasting, unlessFull, type Databases, type EnrolmentRecord, type PhoneRecord } from './db'
import { enrol, issueForgotten, needsEnrolment, type Speaker } from './enrol'
import { LIMITS, type ExchangeAnswer } from './envelope'
import { build, ChainLost, hear, unsentSegments, type Heard, type Prepared } from './exchange'
import { enrolmentOf, freeze, secure } from './freezing'
import { Refused, Unreachable, type Http } from './http'
import { due, dueAt } from './journal'
import { inTurn } from './leader'
import type { Topics } from './live'
import type { Operations } from './operations'
import { letGo, unsent } from './outbox'
import { heardMissing, makeRoom } from './photos'
import { setAside } from './reserve'
import { forgotten, hearStrays, recallStrays, strays } from './strays'
import { letTeamsGo } from './team'
import { dueUploads, sendPhotos, type Carrier } from './uploads'
import type { Keyring } from './vault'
import type { View } from './view'

/** Who is unlocked in this tab. */
export interface Open { keys: Keyring; view: View }

/** offline: nobody answers · expired: the server wants a fresh sign-in; work goes up, rows do not come. */
export type Network = 'online' | 'offline' | 'expired'

/** What the loop shows. problem: what the server said to the last exchange that it refused as a whole. */
export interface LoopState {
  network: Network
  sending: boolean
  storageFull: boolean
  problem: { code: string; params: Record<string, unknown> } | null
  diverged: string[]
}

export interface LoopParts {
  db: Databases
  phone: PhoneRecord
  http: Http
  carrier: Carrier
  speaker: Speaker
  operations: Operations
  topics: Topics
  locks: Pick<LockManager, 'request'>
  chance(): number
  /** Whether the device thinks that it has a network. */
  connected(): boolean
  /** Between two exchanges when nothing happens, ms; each time 25 % more or less. */
  poll: number
  /** Tells the other tabs what changed: rows, or only how far things are. */
  shout(what: 'rows' | 'acts'): void
}

const DAY = 86_400_000
const AT_LEAST_EVERY = 60_000
/** Entries of an exchange: to begin with, and at most. */
const FIRST = 500
const FULL = LIMITS.entries
/** A server that takes longer for so many is not given more at once: others wait for it too. */
const QUICK_MS = 2_000
/** Of a packed request, bytes: a quarter of what every server takes. */
const LARGE = LIMITS.sent / 4
/** Endings of an enrolment after which a new one takes over. */
const ENDINGS = ['sync.device_unknown', 'sync.device_forked'] as const
const [UNKNOWN, FORKED] = ENDINGS
/** Ended at the desk: only who proves himself anew may go on. */
const REVOKED = 'sync.device_revoked'

/** Whether a refusal is for what was sent: smaller, or without it, the rest would go. A proxy that thinks 1 KB too large is no such thing. */
const isTheEntries = ({ status, problem }: Refused, { packed, count }: Prepared): boolean =>
  (status === 413 && (count > 1 || packed.length > LARGE)) || (problem.code === 'sync.malformed' && String(problem.params.at).startsWith('mutations'))

/** Of sealed work that forked nothing is taken; the rest of the request is. */
const forkedIn = ({ receipts }: ExchangeAnswer, own: string): boolean => receipts.some(({ device, problem }) => device === own && problem?.code === FORKED)

export class Loop {
  readonly state: LoopState
  private open: Open | null = null
  private running: Promise<void> | null = null
  private again = false
  private eager = false
  private freezeAll = false
  /** Whether the server wants a password: of the open person for his rows; of anybody for photos. */
  private ended = { own: false, any: false }
  private readonly limits = new Map<string, number>()
  private proven = false
  private cleanedAt = 0
  private unreached = false
  /** There was no room to freeze what is due. */
  private unfrozen = false

  constructor(private readonly parts: LoopParts) {
    this.state = { network: parts.connected() ? 'online' : 'offline', sending: false, storageFull: false, problem: null, diverged: [] }
  }

  /** Says whose work this tab can freeze, and whose rows it can take. */
  opened(open: Open | null): void {
    this.open = open
    this.signedIn()
  }

  /** There may be a live session again. proven: somebody gave his password just now. */
  signedIn(proven = false): void {
    this.ended = { own: false, any: false }
    this.proven ||= proven
  }

  /** eager: without regard to back-off (the network came back, somebody pressed “send”). all: freeze what is not due yet. */
  tick(how: { eager?: boolean; all?: boolean } = {}): Promise<void> {
    this.eager ||= how.eager ?? false
    this.freezeAll ||= how.all ?? false
    this.again = true
    this.running ??= this.run().finally(() => (this.running = null))
    return this.running
  }

  /** When something is to be done next, ms from now. */
  async next(): Promise<number> {
    const { db, speaker: { clock } } = this.parts
    const now = clock.now()
    const times = (await db.text.enrolments.toArray()).filter(({ ended }) => !ended).map(({ next_at }) => next_at)
    if (this.open) times.push(dueAt(this.open.view.taps()))
    for (const { next_at } of await db.bytes.photos.where('state').equals('missing').toArray()) times.push(next_at)
    const ahead = times.filter((time) => time > now)
    return Math.max(0, Math.min(AT_LEAST_EVERY, ...ahead.map((time) => time - now)))
  }

  private async run(): Promise<void> {
    while (this.again) {
      const [eager, all] = [this.eager, this.freezeAll]
      this.again = this.eager = this.freezeAll = false
      const { text, bytes } = this.parts.db
      await lasting(() => this.once(eager, all), text, bytes).catch((error) => this.failed(error))
    }
    this.show({ sending: false })
  }

  private async once(eager: boolean, all: boolean): Promise<void> {
    const { db, speaker: { clock } } = this.parts
    if (this.open) await this.frozen(this.open, all)
    if (clock.now() - this.cleanedAt > DAY) {
      this.cleanedAt = clock.now()
      await this.clean().catch((error) => this.unlessLost(error))
    }
    if (!this.parts.connected()) return this.show({ network: 'offline' })
    this.unreached = false
    const vaults = (await db.text.vaults.toArray()).map(({ vault }) => vault)
    for (const vault of vaults.sort((a) => (a === this.open?.keys.vault ? -1 : 0))) {
      // What is wrong with one person's corner holds up nobody else's.
      await this.serve(vault, this.open?.keys.vault === vault ? this.open : null, eager, all).catch((error) => this.unlessLost(error))
    }
    await this.carry(eager)
    await this.upload()
    const failing = this.unreached || (await db.text.enrolments.toArray()).some(({ ended, failures }) => !ended && failures > 0)
    if (!failing && this.state.network === 'offline') this.show({ network: 'online' })
  }

  private async clean(): Promise<void> {
    const { db: { text, bytes }, speaker: { clock } } = this.parts
    await letGo(text, bytes, clock.now())
    await letReceiptsGo(text, clock.now())
    await letTeamsGo(text, clock.now())
    await setAside(text)
  }

  /** Freezes, on a full phone after making room. What cannot be frozen stays in the journal and holds nothing else up. */
  private async frozen(open: Open, all: boolean): Promise<void> {
    try {
      await this.freeze(open, all).catch(async (error) => {
        if (!isFull(error)) throw error
        await makeRoom(this.parts.db.bytes)
        await this.freeze(open, all)
      })
      this.unfrozen = false
    } catch (error) {
      this.unfrozen = isFull(error)
      this.unlessLost(error)
    }
  }

  private unlessLost(error: unknown): void {
    if (isLost(error)) throw error
    this.failed(error)
  }

  private failed(error: unknown): void {
    this.show(isFull(error) ? { storageFull: true } : { problem: { code: 'sync.failed', params: { error: String(error) } } })
  }

  /** Freezes and secures; the view shows the same before and after. */
  async freeze({ keys, view }: Open, all: boolean): Promise<void> {
    const { db, operations, speaker: { clock } } = this.parts
    const taps = view.taps()
    // The view knows the taps: the journal is opened only when some are due.
    const wanted = all || due(taps, operations, clock.now()) > 0
    const count = wanted ? await freeze(db.text, keys, operations, clock.now(), all) : 0
    await secure(db.text, keys)
    if (count > 0) await view.reload()
  }

  private async serve(vault: string, open: Open | null, eager: boolean, all: boolean): Promise<void> {
    const { db, http, phone, speaker, locks } = this.parts
    const now = speaker.clock.now()
    const needed = open && (await needsEnrolment(db.text, vault))
    if (open && needed) {
      if (needed === REVOKED && !this.proven) return this.show({ problem: { code: REVOKED, params: {} } })
      if (this.ended.own) return
      const enrolled = await inTurn(locks, `kuangjian/${vault}`, 0, now, () => this.withSession(open, () => enrol(db.text, http, phone, open.keys, speaker)))
      if (enrolled === null) return
      await this.freeze(open, all)
    }
    if (open) {
      await issueForgotten(db.text, vault)
      await secure(db.text, open.keys)
    }
    const enrolment = await enrolmentOf(db.text, vault)
    if (enrolment) await recallStrays(db.text, enrolment)
    if (!enrolment || !(await this.isDue(enrolment, open, eager, now))) return
    await inTurn(locks, `kuangjian/${vault}`, enrolment.speaking_since, now, () => this.talk(vault, open))
  }

  /** After failures the back-off rules; else whatever is unsent goes at once, and the poll when it is time. */
  private async isDue(enrolment: EnrolmentRecord, open: Open | null, eager: boolean, now: number): Promise<boolean> {
    const { text, bytes } = this.parts.db
    const time = enrolment.next_at <= now
    if (!open && !eager && !time) return false
    if (enrolment.failures === 0 && (await strays(text, enrolment, now)).length > 0) return true
    if (!open) {
      const sent = await bytes.photos.where('[vault+state]').equals([enrolment.vault, 'sent']).count()
      return sent > 0 || (await unsentSegments(text, enrolment)).length > 0 || (await this.serverWasRestored(enrolment))
    }
    if (eager || time) return true
    return enrolment.failures === 0 && (await unsent(text, enrolment)).length > 0
  }

  /** Somebody else on this phone heard so: what this one had brought may be forgotten. */
  private async serverWasRestored({ epoch }: EnrolmentRecord): Promise<boolean> {
    return (await this.parts.db.text.enrolments.filter((one) => one.epoch > epoch).count()) > 0
  }

  /** Exchanges until nothing is left to say. */
  private async talk(vault: string, open: Open | null): Promise<void> {
    const { db: { text, bytes }, speaker } = this.parts
    for (let renewed = false, left = Infinity; ;) {
      const enrolment = await enrolmentOf(text, vault)
      if (!enrolment) return
      const { device } = enrolment
      let prepared: Prepared | null = null
      try {
        const limit = this.limits.get(device) ?? FIRST
        prepared = await build(text, enrolment, open?.keys ?? null, speaker, limit)
        await text.enrolments.update(device, { speaking_since: speaker.clock.now() }).catch(unlessFull)
        this.show({ sending: prepared.count > 0 })
        const begun = speaker.clock.mono()
        const answer = await this.post(prepared, open)
        const quick = speaker.clock.mono() - begun < QUICK_MS
        const heard = await hear(text, enrolment, open?.keys ?? null, prepared.request, answer, open?.view.unsentRows() ?? new Set(), speaker.clock.now())
        await hearStrays(text, device, answer.receipts, speaker.clock.now())
        const vaults = [vault, ...(await forgotten(text, vault)).map((one) => one.vault)]
        await heardMissing(text, bytes, vaults, answer.missing_blobs, speaker.clock.now())
        if (!open && forkedIn(answer, device)) throw new ChainLost()
        if (prepared.count === limit) this.limits.set(device, Math.min(quick ? FULL : FIRST, limit * 2))
        await this.heard(open, heard)
        if (open && !answer.live && !answer.revoked && !renewed && (await this.renew(open))) {
          renewed = true
          continue
        }
        if (open && !answer.live) this.ended.own = true
        const before = left
        left = await this.left(device, open)
        if (answer.revoked && left === 0) return await this.dismissed(device, open)
        if (!heard.more && (left === 0 || left >= before)) return await this.rest(device)
      } catch (error) {
        if (!(await this.stumbled(error, enrolment, prepared))) return
      }
    }
  }

  /** Everything is sent, and people look at it; under this enrolment there is nothing more to say. */
  private async dismissed(device: string, open: Open | null): Promise<void> {
    await this.parts.db.text.enrolments.update(device, { ended: REVOKED })
    if (!open) return
    this.proven = false
    this.show({ problem: { code: REVOKED, params: {} } })
  }

  /** How many mutations or segments still wait; when it does not shrink, going on would only repeat. */
  private async left(device: string, open: Open | null): Promise<number> {
    const { text } = this.parts.db
    const enrolment = (await text.enrolments.get(device))!
    const own = await (open ? unsent(text, enrolment) : unsentSegments(text, enrolment))
    return own.length + (await strays(text, enrolment, this.parts.speaker.clock.now())).length
  }

  private async heard(open: Open | null, { rows, live, revoked, diverged, full }: Heard): Promise<void> {
    if (open) {
      await open.view.changed(rows)
      await open.view.reload()
    }
    // Given up when the phone was full; there may be room again.
    if (!full) await setAside(this.parts.db.text)
    this.show({ network: open && !live && !revoked ? 'expired' : 'online', problem: null, diverged, storageFull: full || this.unfrozen })
    this.parts.topics.tell('records', 'users')
    this.parts.shout(rows?.length === 0 ? 'acts' : 'rows')
  }

  private async rest(device: string): Promise<void> {
    const { db: { text }, poll, chance, speaker: { clock } } = this.parts
    await text.enrolments.update(device, { next_at: clock.now() + poll * (0.75 + chance() / 2) })
  }

  /** What the server says to a request without a live session is 401; the transport key alone is enough for results. */
  private async post({ packed }: Prepared, open: Open | null): Promise<ExchangeAnswer> {
    const { http } = this.parts
    const request = { method: 'POST', path: '/sync/exchange', packed } as const
    try {
      return await http.json(request)
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401 || error.problem.code === 'sync.auth_invalid') throw error
      return http.json({ ...request, session: open && (await this.renew(open)) ? 'include' : 'omit' })
    }
  }

  private async renew({ keys }: Open): Promise<boolean> {
    this.ended.own ||= !(await this.parts.http.renew(keys.user))
    return !this.ended.own
  }

  /** Does what needs a live session of the open person, renewing it once; null where there is none or nobody answers. */
  private async withSession(open: Open, work: () => Promise<void>): Promise<true | null> {
    // 403: the cookies are a colleague's.
    const unsigned = (error: unknown) => error instanceof Refused && (error.status === 401 || error.status === 403)
    try {
      await work().catch(async (error) => {
        if (!unsigned(error) || !(await this.renew(open))) throw error
        await work()
      })
      return true
    } catch (error) {
      if (error instanceof Unreachable) this.lost()
      else if (error instanceof Refused) {
        this.ended.own ||= unsigned(error)
        this.show({ network: this.ended.own ? 'expired' : 'online', problem: error.problem })
      } else throw error
      return null
    }
  }

  /** Whether to go on at once with something smaller or else; otherwise waits longer than the last time. */
  private async stumbled(error: unknown, enrolment: EnrolmentRecord, prepared: Prepared | null): Promise<boolean> {
    if (isLost(error)) throw error
    const { db: { text }, chance, speaker: { clock } } = this.parts
    const { device } = enrolment
    const refused = error instanceof Refused ? error : null
    const ending = error instanceof ChainLost ? FORKED : ENDINGS.find((code) => code === refused?.problem.code)
    if (ending) {
      // Of what it does not know the server has nothing at all.
      await text.enrolments.update(device, { ended: ending, next_at: 0, ...(ending === UNKNOWN ? { epoch: 0 } : {}) })
      this.again = true
      return false
    }
    const indigestible = refused !== null && prepared !== null && isTheEntries(refused, prepared)
    const slow = error instanceof Unreachable && error.slow
    if (prepared && prepared.count > 1 && (indigestible || slow)) this.limits.set(device, Math.floor(prepared.count / 2))
    if (indigestible) {
      if (prepared.count > 1) return true
      // One mutation that can never go: it holds its place as a void, its body stays here to be seen.
      if (prepared.seq !== null && (await text.outbox.get([device, prepared.seq]))?.void === 0) {
        await text.outbox.update([device, prepared.seq], { void: 1 })
        return true
      }
    }
    await text.enrolments.update(device, {
      failures: enrolment.failures + 1, next_at: clock.now() + backOff(enrolment.failures, chance), speaking_since: 0,
    })
    if (error instanceof Unreachable) this.lost()
    else if (refused) this.show({ problem: refused.problem })
    else this.failed(error)
    return false
  }

  /** Hands in what was carried here for others. */
  private async carry(eager: boolean): Promise<void> {
    const { db: { text }, http, locks, chance, topics, speaker: { clock } } = this.parts
    const now = clock.now()
    if ((await dueToHandIn(text, now, eager)).length === 0) return
    this.show({ sending: true })
    try {
      await inTurn(locks, 'kuangjian/carried', 0, now, () => handIn(text, http, chance, now, eager))
      await this.open?.view.reload()
      this.again = this.eager = true // a colleague's work that was handed in shows in the rows at once
    } catch (error) {
      if (error instanceof Unreachable) this.lost()
      else if (error instanceof Refused) this.show({ problem: error.problem })
      else this.unlessLost(error)
    } finally {
      topics.tell('records', 'users', 'carried')
    }
  }

  private async upload(): Promise<void> {
    const { db: { bytes }, phone, http, carrier, locks, chance, topics, speaker: { clock } } = this.parts
    if (this.ended.any || (await dueUploads(bytes, clock.now())).length === 0) return
    this.show({ sending: true })
    const send = () => sendPhotos(bytes, phone, this.open?.keys ?? null, carrier, chance, () => clock.now(), () => topics.tell('records', 'users'))
    const ended = await inTurn(locks, 'kuangjian/uploads', 0, clock.now(), async () => {
      const first = await send()
      return first === 'expired' && (await http.renew(this.open?.keys.user ?? null)) ? send() : first
    })
    this.ended.any = ended === 'expired'
    topics.tell('records', 'users')
    if (ended === 'unreachable') this.lost()
    // The server now has them: its next answer says so.
    if (ended === 'done') {
      this.again = true
      this.eager = true
    }
  }

  private lost(): void {
    this.unreached = true
    this.show({ network: 'offline' })
  }

  private show(change: Partial<LoopState>): void {
    Object.assign(this.state, change)
    this.parts.topics.tell('phone')
  }
}
