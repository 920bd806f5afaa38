/** The engine of one tab: what the screens call, and the loop that brings it to the server. */
import { writeBundle } from './bundle'
import { utf8 } from './bytes'
import { canonical } from './canonical'
import { carried, receiptsText, takeIn, toCarry, type Carried, type TakenIn } from './carrying'
import { wall, type Clock } from './clock'
import { isFull, lasting, type Databases, type DatabaseState, type PhoneRecord } from './db'
import { LIMITS, type Json } from './envelope'
import type { Http } from './http'
import { uuid7 } from './ids'
import { due, dueAt, writeDown } from './journal'
import { comes, live, type Live, type Topics } from './live'
import { Loop, type LoopParts, type LoopState, type Open } from './loop'
import type { Act, Row } from './operations'
import { readPhoto, savePhoto, type PhotoFile } from './photos'
import { SyncError } from './problems'
import { Records, unsentCount, type ConflictRecord, type MendedRecord, type RecordStatus, type RejectedRecord, type UnsentRecord } from './records'
import { Team } from './team'
import { makeVault, openVault, type Keyring } from './vault'
import { View } from './view'

export interface PhoneUser { user: string; label: unknown; unsent: number }
export interface Person { user: string; label: unknown; profile: unknown }
export type Unlocked = { ok: true } | { ok: false; fails: number; wait_ms: number }
/** Bytes used and allowed (null where the browser does not tell), and whether it promised never to evict us. */
export interface Storage { used: number; quota: number | null; persisted: boolean }
export interface PhoneState extends LoopState { database: DatabaseState }

/** How tabs of one phone talk. */
export interface Bus {
  post(message: Message): void
  listen(told: (message: Message) => void): void
  close(): void
}
/** acts, rows, team: what another tab wrote. lock: the person locked the phone. */
export type Message = 'acts' | 'rows' | 'team' | 'lock'

export interface EngineParts extends Omit<LoopParts, 'shout'> {
  random(bytes: number): Uint8Array
  bus: Bus
  /** Calls back after ms; null in tests, which tick by hand. */
  schedule: ((work: () => void, ms: number) => () => void) | null
}

export class Engine {
  private readonly loop: Loop
  private readonly clock: Clock
  private readonly db: Databases
  private readonly phone: PhoneRecord
  private readonly topics: Topics
  private open: (Open & { records: Records; person: { profile: unknown } }) | null = null
  /** Drafts that are being written, by tag. */
  private readonly drafting = new Map<string, unknown>()
  private cancel = () => {}
  private wakes = Infinity
  private closed = false
  private database: DatabaseState = 'ready'

  constructor(private readonly parts: EngineParts) {
    this.loop = new Loop({ ...parts, shout: (what) => parts.bus.post(what) })
    this.clock = parts.speaker.clock
    this.db = parts.db
    this.phone = parts.phone
    this.topics = parts.topics
    parts.bus.listen((message) => void (message === 'lock' ? this.shut() : this.othersWrote(message)))
    this.topics.on(['records'], () => this.open?.records.forget())
    this.users = this.stored(['users', 'records', 'counts'], () => this.readUsers())
    this.current = live(this.topics, ['users'], () => this.open && { user: this.open.keys.user, profile: this.open.person.profile })
    this.state = live(this.topics, ['phone'], () => ({ ...this.loop.state, database: this.database }))
    this.unsent = this.stored(['records', 'users', 'taps'], () => this.open?.records.unsent() ?? [])
    this.conflicts = this.stored( ['records', 'users'], () => this.open?.records.conflicts() ?? [])
    this.rejected = this.stored( ['records', 'users'], () => this.open?.records.rejected() ?? [])
    this.mended = this.stored( ['records', 'users'], () => this.open?.records.mended() ?? [])
    this.lastSync = this.stored( ['records', 'users', 'phone'], () => this.readLastSync())
    this.received = this.stored(['records', 'users'], () => (this.open ? this.db.text.rows.where('vault').equals(this.open.keys.vault).count() : 0))
    this.storage = live(this.topics, ['storage', 'records'], readStorage)
    this.carried = this.stored(['carried'], () => carried(this.db.text))
    this.team = new Team({
      db: this.db.text, topics: this.topics, operations: parts.operations, random: parts.random, now: () => this.clock.now(), need: () => this.need(),
      freeze: (open) => this.loop.freeze(open, true), kept: (write) => this.kept(write), takeIn: (text) => this.takeIn(text), shout: () => parts.bus.post('team'),
    })
  }

  // ------------------------------------------------------------------------------ people

  /** Who has used this phone; readable when locked. */
  readonly users: Live<PhoneUser[]>
  /** Whose data is open, with what was kept of him; null when locked. */
  readonly current: Live<{ user: string; profile: unknown } | null>

  /** Makes a person's vault under a PIN and opens it. One that he had (a forgotten PIN) keeps what is frozen, and sends it. */
  async addUser(person: Person, pin: string): Promise<void> {
    await this.shut()
    const keys = await makeVault(this.db.text, this.phone, { vault: this.newId(), ...person }, pin, this.clock.now())
    await this.opened(keys, person.profile)
  }

  /** Opens a person's vault in this tab, in place of whatever was open. A wrong PIN makes the next try wait, longer each time. */
  async unlock(user: string, pin: string): Promise<Unlocked> {
    await this.shut()
    const vault = await this.vaultOf(user)
    const opened = await openVault(this.db.text, this.phone, vault.vault, pin, this.clock.now())
    if (!opened.keys) return { ok: false, fails: opened.fails, wait_ms: opened.wait_ms }
    await this.opened(opened.keys, vault.profile && (await opened.keys.open(vault.profile)))
    return { ok: true }
  }

  /** Locks every tab of the phone at once; resolves when what was done is frozen and sealed. */
  async lock(): Promise<void> {
    this.parts.bus.post('lock')
    await this.shut()
  }

  /** Whether this person has a vault here. */
  async knows(user: string): Promise<boolean> {
    return (await this.db.text.vaults.where('user').equals(user).count()) > 0
  }

  /** Keeps what is known of the open person (grants may have changed), encrypted; the label clear. */
  async saveProfile(label: unknown, profile: unknown): Promise<void> {
    const open = this.need()
    await this.db.text.vaults.update(open.keys.vault, { label, profile: await open.keys.seal(profile) })
    open.person.profile = profile
    this.topics.tell('users')
  }

  /** Somebody signed in: enrolments and rows are to be had again. */
  signedIn(): void {
    this.loop.signedIn(true)
    this.nudge({ eager: true })
  }

  // ------------------------------------------------------------------------------ rows and acts

  /** Every row of a collection that the open person sees, his own acts included, each with its `id` and `ver`. */
  rows(collection: string): Live<Row[]> {
    return live(this.topics, [`rows/${collection}`, 'users'], () => this.open?.view.rows(collection) ?? [])
  }

  row(collection: string, id: string): Live<Row | null> {
    return live(this.topics, [`rows/${collection}`, 'users'], () => this.open?.view.one(collection, id) ?? null)
  }

  newId(): string {
    return uuid7(this.clock.now(), this.parts.random(10))
  }

  /**
   * Does something to a record. Resolves when it is on disk (with a barrier: and frozen); never waits for the network.
   *
   * Throws SyncError storage.full, record.too_large, vault.locked: then nothing was kept.
   */
  async act(op: string, entity: string, args: Json, { blobs = [], barrier = false }: { blobs?: string[]; barrier?: boolean } = {}): Promise<void> {
    const open = this.need()
    await open.view.act(async () => {
      const act = await this.made(open, op, entity, args, blobs, barrier)
      await this.kept(() => writeDown(this.db.text, open.keys, act))
      open.records.tapped(act)
      return act
    })
    const taps = open.view.taps()
    this.topics.tell('taps', ...(taps.filter((tap) => tap.entity === entity).length === 1 ? ['counts'] : []))
    // It is in the journal; if freezing fails now, the next tick makes it up.
    if (barrier) await this.loop.freeze(open, true).catch(() => {})
    this.parts.bus.post('acts')
    if (barrier || due(taps, this.parts.operations, this.clock.now()) > 0) this.nudge()
    else this.wakeBy(dueAt(taps))
  }

  private async made(open: Open, op: string, entity: string, args: Json, blobs: string[], barrier: boolean): Promise<Act> {
    const { clock, boot } = this.parts.speaker
    const base = await open.view.version(this.parts.operations[op]?.collection ?? '', entity)
    const ms = clock.now()
    const plain = JSON.parse(JSON.stringify(args)) as Json
    const act: Act = { id: this.newId(), op, entity, base, args: plain, blobs: [...blobs], ms, wall: wall(clock, ms), mono_ms: clock.mono(), boot, barrier }
    act.deps = await open.view.leansOn(act)
    if (utf8(canonical(act)).length > LIMITS.mutation) throw new SyncError('record.too_large')
    return act
  }

  // ------------------------------------------------------------------------------ photos and drafts

  /** Keeps a photo; resolves when what was read back hashes to its name. Throws SyncError photo.damaged, storage.full. */
  async savePhoto(sha: string, file: PhotoFile): Promise<void> {
    await this.kept(() => savePhoto(this.db.bytes, this.phone, this.need().keys, sha, file, this.clock.now()))
    this.topics.tell('records', 'storage')
  }

  /** The bytes of a photo or file on this phone, else null. */
  photo(sha: string): Promise<ArrayBuffer | null> {
    return readPhoto(this.db.bytes, this.need().keys, sha).catch(() => null)
  }

  /** The same from the server, kept for the next time. Null where it has none for this person. Throws Unreachable. */
  async fetchPhoto(sha: string): Promise<ArrayBuffer | null> {
    const { keys } = this.need()
    const bytes = await this.parts.http.bytes(`/blobs/${sha}`)
    // Shown though there may be no room to keep it.
    if (bytes) await savePhoto(this.db.bytes, this.phone, keys, sha, { bytes, type: '', facts: null }, this.clock.now(), 'kept').catch(() => {})
    return bytes
  }

  /** Half-done input that is no act yet; what is still being written counts as written. */
  async draft(key: string): Promise<unknown> {
    const { keys } = this.need()
    const tag = keys.tag('draft', key)
    if (this.drafting.has(tag)) return this.drafting.get(tag)
    const record = await this.db.text.drafts.get(tag)
    return record ? keys.open(record.box).catch(() => null) : null
  }

  /** null forgets it. Of several in quick succession the last one stays, whichever is encrypted first. */
  async saveDraft(key: string, value: unknown): Promise<void> {
    const { keys } = this.need()
    const tag = keys.tag('draft', key)
    this.drafting.set(tag, value)
    try {
      const box = value === null ? null : await keys.seal(value)
      if (this.drafting.get(tag) !== value) return
      if (box === null) await this.db.text.drafts.delete(tag)
      else await this.kept(() => this.db.text.drafts.put({ key: tag, vault: keys.vault, box }))
    } finally {
      if (this.drafting.get(tag) === value) this.drafting.delete(tag)
    }
  }

  // ------------------------------------------------------------------------------ how far it is

  readonly unsent: Live<UnsentRecord[]>
  readonly conflicts: Live<ConflictRecord[]>
  readonly rejected: Live<RejectedRecord[]>
  readonly mended: Live<MendedRecord[]>
  /** When the open person's rows were last complete, ms since 1970; null before. */
  readonly lastSync: Live<number | null>
  /** How many rows of his are here. */
  readonly received: Live<number>
  readonly state: Live<PhoneState>
  readonly storage: Live<Storage>

  /** He has seen how something was put right: it is told no longer. */
  async readMended(id: string): Promise<void> {
    await this.need().records.read(id)
    this.topics.tell('records')
  }

  /** Of one record; null where nothing was done to it here. */
  status(entity: string): Live<RecordStatus | null> {
    return this.stored(['records', 'users', `record/${entity}`], async () => (await this.open?.records.status(entity)) ?? null)
  }

  /** Sends everything now, without regard to back-off; resolves when that was tried. */
  sendNow(): Promise<void> {
    return this.loop.tick({ eager: true, all: true }).finally(() => this.reschedule())
  }

  /** Freezes what was done, because the page may not come back (hidden, closed). */
  settle(): Promise<void> {
    return this.loop.tick({ all: true })
  }

  /** Everything on this phone that the server does not have, of everybody, sealed, as the text of a bundle. Photos are not in it. */
  async exportUnsent(): Promise<{ name: string; text: string }> {
    if (this.open) await this.loop.freeze(this.open, true)
    return { name: this.fileName('kuangjian'), text: writeBundle(await toCarry(this.db.text)) }
  }

  private fileName = (what: string): string => `${what}-${wall(this.clock).slice(0, 16).replace(/\D/g, '')}.txt`

  // ------------------------------------------------------------------------------ carried by hand

  /** What colleagues' phones gave to this one, the newest first. Readable when locked; nobody can read what is in it. */
  readonly carried: Live<Carried[]>

  /**
   * Takes a file: a colleague's unsent work, to be handed in from here; or receipts for what others handed in for this phone.
   *
   * Throws SyncError file.foreign, file.damaged, receipt.forged, storage.full: then nothing of it was taken.
   */
  async takeIn(text: string): Promise<TakenIn> {
    const taken = await this.kept(() => takeIn(this.db.text, text, this.clock.now()))
    await this.open?.view.reload()
    this.topics.tell('records', 'users', 'carried')
    this.parts.bus.post('acts')
    this.nudge({ eager: true })
    return taken
  }

  /** The server's receipts for what was handed in from here, for the phones where it was done. */
  async exportReceipts(): Promise<{ name: string; text: string }> {
    return { name: this.fileName('kuangjian-receipts'), text: await receiptsText(this.db.text) }
  }

  /** What colleagues exchange where there is no network. */
  readonly team: Team

  /** Asks the browser never to evict us; the answer shows in `storage`. */
  async persist(): Promise<void> {
    await navigator.storage?.persist?.()
    this.topics.tell('storage')
  }

  // ------------------------------------------------------------------------------ readable when locked

  /** What everybody who holds the phone may read. Never anything that is one person's. */
  published<T>(key: string): Live<T | null> {
    return this.stored([`board/${key}`], async () => ((await this.db.text.board.get(key))?.value as T | undefined) ?? null)
  }

  async publish(key: string, value: unknown): Promise<void> {
    await this.kept(() => this.db.text.board.put({ key, value }))
    this.topics.tell(`board/${key}`)
  }

  // ------------------------------------------------------------------------------ the engine itself

  get http(): Http {
    return this.parts.http
  }

  /** One round of all that is to be done, for those who tick by hand. */
  tick(how: { eager?: boolean; all?: boolean } = {}): Promise<void> {
    return this.loop.tick(how)
  }

  /** Another tab's version stands in the way of the database, now or later. */
  databaseIs(state: DatabaseState): void {
    this.database = state
    this.topics.tell('phone')
  }

  close(): void {
    this.closed = true
    this.cancel()
    this.parts.bus.close()
    this.db.text.close()
    this.db.bytes.close()
  }

  /** Something may be to do: now, and then when the loop says. */
  nudge(how: { eager?: boolean; all?: boolean } = {}): void {
    if (this.parts.schedule && !this.closed) void this.loop.tick(how).finally(() => this.reschedule())
  }

  private async reschedule(): Promise<void> {
    this.cancel()
    if (!this.closed && this.parts.schedule) this.wakeIn(await this.loop.next())
  }

  /** Not later than then: a tap knows that much without asking the databases. */
  private wakeBy(at: number): void {
    if (at < this.wakes) this.wakeIn(at - this.clock.now())
  }

  private wakeIn(ms: number): void {
    this.cancel()
    if (this.closed || !this.parts.schedule) return
    this.wakes = this.clock.now() + ms
    this.cancel = this.parts.schedule(() => this.nudge(), ms)
  }

  private async opened(keys: Keyring, profile: unknown): Promise<void> {
    const person = { profile }
    const view = new View(this.db.text, keys, this.parts.operations, this.topics, () => person.profile)
    await view.reload()
    this.open = { keys, view, records: new Records(this.db, keys), person }
    this.loop.opened(this.open)
    this.topics.tell('users')
    this.nudge({ eager: true })
  }

  private async shut(): Promise<void> {
    const open = this.open
    if (!open) return
    this.open = null
    this.topics.tell('users')
    await open.view.idle()
    // What cannot be frozen now stays in the journal, durable, until he comes back.
    await this.loop.freeze(open, true).catch(() => {})
    this.loop.opened(null)
    this.nudge()
  }

  private async othersWrote(what: 'acts' | 'rows' | 'team'): Promise<void> {
    if (what === 'rows') await this.open?.view.changed(null)
    if (what === 'team') await this.open?.view.partsChanged()
    else await this.open?.view.reload()
    this.topics.tell('users', 'records')
  }

  /** A live value from the databases, whose connections may go. */
  private stored<T>(names: readonly string[], read: () => PromiseLike<T> | T): Live<T> {
    return live(this.topics, names, () => {
      const now = read()
      return comes(now) ? lasting(async (again) => (again ? read() : now), this.db.text, this.db.bytes) : now
    })
  }

  private need() {
    if (!this.open) throw new SyncError('vault.locked')
    return this.open
  }

  /** A full phone is a state to see, and nothing lost: what could not be kept is not said to be. */
  private async kept<T>(write: () => Promise<T>): Promise<T> {
    try {
      const done = await lasting(write, this.db.text, this.db.bytes)
      this.full(false)
      return done
    } catch (error) {
      if (!isFull(error) && !(error instanceof SyncError && error.code === 'storage.full')) throw error
      this.full(true)
      throw new SyncError('storage.full')
    }
  }

  private full(storageFull: boolean): void {
    if (this.loop.state.storageFull === storageFull) return
    this.loop.state.storageFull = storageFull
    this.topics.tell('phone')
  }

  private async vaultOf(user: string) {
    const vaults = await lasting(() => this.db.text.vaults.where('user').equals(user).toArray(), this.db.text)
    const vault = vaults.find(({ retired }) => !retired)
    if (!vault) throw new RangeError('this person has no vault here')
    return vault
  }

  private async readUsers(): Promise<PhoneUser[]> {
    const vaults = await this.db.text.vaults.toArray()
    const counted = await Promise.all(vaults.map(async ({ user, vault }) => ({ user, unsent: await unsentCount(this.db, vault) })))
    return vaults.filter(({ retired }) => !retired).sort((a, b) => a.made_at - b.made_at).map(({ user, label }) => (
      { user, label, unsent: counted.filter((one) => one.user === user).reduce((sum, one) => sum + one.unsent, 0) }
    ))
  }

  private async readLastSync(): Promise<number | null> {
    if (!this.open) return null
    const enrolments = await this.db.text.enrolments.where('vault').equals(this.open.keys.vault).toArray()
    return Math.max(...enrolments.map(({ heard_at }) => heard_at ?? 0), 0) || null
  }
}

async function readStorage(): Promise<Storage> {
  const estimate = await navigator.storage?.estimate?.()
  return { used: estimate?.usage ?? 0, quota: estimate?.quota ?? null, persisted: (await navigator.storage?.persisted?.()) ?? false }
}
