/**
 * Two people underground exchange what each did for a record that both work on (docs/adr/0010-visit-key.md).
 *
 * A code that one phone shows and the other scans gives it a key of the team; under it parts go over as QR frames or as
 * a file. A part lies under its receiver's own acts until the server's rows show it, and is never sent as his.
 */
import { kindOf, readPart, writePart } from './bundle'
import { fromB64u, hex, type Bytes } from './bytes'
import { toCarry, undamaged, type TakenIn } from './carrying'
import { ownCertificate, vouched } from './certificate'
import { lasting, type TextDb } from './db'
import { keyId } from './keys'
import { live, type Live, type Topics } from './live'
import type { Operations } from './operations'
import { isTeamKey, newTeamKey, openPart, sealPart, type Part, type PartAct } from './part'
import { SyncError } from './problems'
import type { Keyring } from './vault'
import type { View } from './view'

/** A colleague's part as it is kept. profile: of its author, as the host knows him, and not as he says. */
export interface KeptPart { part: Part; profile: unknown }

/** A colleague's part as it is shown. code: of the key that signed it, for two people to compare. made, at: when, ms since 1970. */
export interface TeamPart { user: string; profile: unknown; code: string; made: number; at: number; acts: PartAct[] }

/** What a part brought. fresh: false where the same or a newer one was here. carried: sealed segments that are now to be handed in from here. */
export interface Received { user: string; made: number; fresh: boolean; carried: number }

/** What is kept of a team. made: of the last part of one's own. */
interface Known { keys: string[]; made: number }

interface Open { keys: Keyring; view: View }
export interface TeamHost {
  db: TextDb
  topics: Topics
  operations: Operations
  random(bytes: number): Uint8Array
  now(): number
  /** Throws SyncError vault.locked. */
  need(): Open
  freeze(open: Open): Promise<void>
  /** Does what writes; throws SyncError storage.full. */
  kept<T>(write: () => Promise<T>): Promise<T>
  takeIn(text: string): Promise<TakenIn>
  /** Tells the other tabs. */
  shout(): void
}

const KEPT_MS = 60 * 86_400_000

export class Team {
  constructor(private readonly host: TeamHost) {}

  /** Whether this phone has a key of the record's team. */
  joined(team: string): Live<boolean> {
    return this.stored(async ({ keys }) => (await this.known(keys, team)).keys.length > 0, false)
  }

  /** A key of the team for a colleague to scan, made where there is none; the same on every phone that knows the same keys. */
  async key(team: string): Promise<string> {
    const { keys } = await this.change(team, (known) => (known.keys.length > 0 ? known : { ...known, keys: [newTeamKey(this.host.random)] }))
    return [...keys].sort()[0]!
  }

  /** Takes the key that a colleague shows; those known before still open what they opened. Throws SyncError team.bad_key. */
  async join(team: string, key: string): Promise<void> {
    if (!isTeamKey(key)) throw new SyncError('team.bad_key')
    await this.change(team, (known) => withKeys(known, [key]))
  }

  /** Of the open person's signing key, for a colleague to compare. */
  async code(): Promise<string> {
    const vault = await this.host.db.vaults.get(this.host.need().keys.vault)
    return codeOf(vault!.signing_public)
  }

  /** Everything the open person did for the record, signed and sealed to its team. */
  async part(team: string): Promise<Bytes> {
    const open = this.host.need()
    await this.host.freeze(open)
    const acts = await open.view.actsFor(team)
    await this.key(team)
    const { keys, made } = await this.change(team, (known) => ({ ...known, made: Math.max(this.host.now(), known.made + 1) }))
    const { signing_public: signing } = (await this.host.db.vaults.get(open.keys.vault))!
    const told = acts.map(({ id, op, entity, args, blobs, wall }): PartAct => ({ id, op, entity, args, blobs, wall }))
    const certificate = await ownCertificate(this.host.db, open.keys.vault)
    return sealPart({ v: 1, team, user: open.keys.user, signing, certificate, made, keys, acts: told }, open.keys.signing)
  }

  /** The same as the text of a file, and behind it all that is unsent here: whoever gets it can hand that in. */
  async file(team: string): Promise<string> {
    return writePart(await this.part(team), await toCarry(this.host.db))
  }

  /**
   * Takes a colleague's part, as bytes or as the text of a file; what is behind it is kept to be handed in.
   *
   * members: who may be of the team, with what the host keeps of each. code: as its author's phone shows it, where no
   * certificate says that the key is his.
   * Throws SyncError part.*, file.damaged, storage.full: then nothing of it was taken.
   */
  async receive(team: string, given: string | Bytes, members: Readonly<Record<string, unknown>>, code?: string): Promise<Received> {
    const { keys, view } = this.host.need()
    const { box, bundle } = typeof given === 'string' ? fromFile(given) : { box: given, bundle: null }
    const part = await openPart(box, team, (await this.known(keys, team)).keys)
    if (part.user === keys.user) throw new SyncError('part.own')
    if (!(part.user in members)) throw new SyncError('part.stranger')
    if (part.acts.some(({ op }) => !this.host.operations[op]?.team)) throw new SyncError('part.too_new')
    const word = await vouched(this.host.db, part, this.host.now())
    if (word === 'another') throw new SyncError('part.not_his')
    const fresh = await this.keep(keys, { part, profile: members[part.user] }, word === 'his' || isCode(code, part.signing))
    await this.change(team, (known) => withKeys(known, part.keys))
    const carried = bundle ? await this.host.takeIn(bundle) : null
    await view.partsChanged()
    this.host.topics.tell('team')
    this.host.shout()
    return { user: part.user, made: part.made, fresh, carried: carried?.kind === 'bundle' ? carried.fresh : 0 }
  }

  /** What colleagues gave to this phone, the newest of each. */
  parts(team: string): Live<TeamPart[]> {
    return this.stored(async ({ keys }) => {
      const all = await partsOf(this.host.db, keys)
      return all.filter(({ part }) => part.team === team).map(({ part: { user, signing, made, acts }, profile, at }) => (
        { user, profile, code: codeOf(signing), made, at, acts }
      ))
    }, [])
  }

  /** Returns false where the same or a newer one is here. Another key of one person is another vault: its acts lie beside those of the first. */
  private async keep(keys: Keyring, kept: KeptPart, sure: boolean): Promise<boolean> {
    const { db } = this.host
    const { team, user, signing, made } = kept.part
    const before = (await partsOf(db, keys)).find(({ part }) => part.team === team && part.user === user && part.signing === signing)
    if (!before && !sure) throw new SyncError('part.uncertified')
    if (before && before.part.made >= made) return false
    const record = { key: keys.tag('part', team, user, signing), vault: keys.vault, at: this.host.now(), box: await keys.seal(kept) }
    await this.host.kept(() => db.parts.put(record))
    return true
  }

  private async known(keys: Keyring, team: string): Promise<Known> {
    const record = await this.host.db.teams.get(keys.tag('team', team))
    return knownOf(keys, record?.box)
  }

  private async change(team: string, how: (known: Known) => Known): Promise<Known> {
    const { db } = this.host
    const { keys } = this.host.need()
    const key = keys.tag('team', team)
    for (;;) {
      const before = await db.teams.get(key)
      const known = how(await knownOf(keys, before?.box))
      const record = { key, vault: keys.vault, at: this.host.now(), box: await keys.seal(known) }
      const written = await this.host.kept(() => db.transaction('rw', db.teams, async () => {
        // Another tab may have made or joined one meanwhile.
        if (nameOf((await db.teams.get(key))?.box) !== nameOf(before?.box)) return false
        await db.teams.put(record)
        return true
      }))
      if (!written) continue
      this.host.topics.tell('team')
      return known
    }
  }

  private stored<T>(read: (open: Open) => Promise<T>, locked: T): Live<T> {
    return live(this.host.topics, ['team', 'users'], () => {
      try {
        const open = this.host.need()
        return lasting(() => read(open), this.host.db)
      } catch {
        return locked
      }
    })
  }
}

/** Keys and parts of visits long over. */
export async function letTeamsGo(db: TextDb, now: number): Promise<void> {
  for (const table of [db.teams, db.parts]) await table.filter(({ at }) => now - at > KEPT_MS).delete()
}

/** Colleagues' parts, the oldest first. One that does not open (a damaged disk) is as good as none. */
export async function partsOf(db: TextDb, keys: Keyring): Promise<(KeptPart & { at: number })[]> {
  const records = await db.parts.where('vault').equals(keys.vault).toArray()
  const parts = await Promise.all(records.map(async ({ box, at }) => {
    const kept = await keys.open<KeptPart>(box).catch(() => null)
    return kept && { ...kept, at }
  }))
  return parts.filter((part) => part !== null).sort((a, b) => a.part.made - b.part.made)
}

function fromFile(text: string): { box: Bytes; bundle: string } {
  if (kindOf(text) !== 'part') throw new SyncError('part.foreign')
  return undamaged(() => readPart(text))
}

const NOTHING: Known = { keys: [], made: 0 }
const knownOf = (keys: Keyring, box: Bytes | undefined): Promise<Known> => (box ? keys.open<Known>(box).catch(() => NOTHING) : Promise.resolve(NOTHING))
const withKeys = (known: Known, keys: readonly string[]): Known => ({ ...known, keys: [...new Set([...known.keys, ...keys])] })
const nameOf = (box: Bytes | undefined): string => hex(box ?? new Uint8Array())
const codeOf = (signing: string): string => keyId(fromB64u(signing)).toUpperCase().replace(/^(.{4})(.{4})(.{4}).*$/, '$1-$2-$3')
/** Whether what two people compared is the code of this key, however it was typed. */
const isCode = (typed: string | undefined, signing: string): boolean => typed?.toUpperCase().replace(/[^0-9A-F]/g, '') === codeOf(signing).replaceAll('-', '')
