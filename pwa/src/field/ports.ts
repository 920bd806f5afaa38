/**
 * What the field app needs from the machinery beneath it, and nothing more.
 *
 * Screens know these interfaces only. Behind them stand the sync engine (IndexedDB, outbox, exchange)
 * or, in development, an in-memory world. Two rules hold everywhere:
 *  - a promise resolves when the thing is durable on this phone; nothing here waits for the network,
 *    except where the name says so (activate, signIn, sendNow);
 *  - a live value is `undefined` until it was first read, so that “nothing there” is never a guess.
 */
import { inject, type InjectionKey, type Ref } from 'vue'
import type { SiteParameters } from '@/forms'
import type { Answer, Basis, FormDefinition, PinnedLimits, Text } from '@/forms/types'
import type { Strokes } from '@/shared/strokes'

export type Live<T> = Readonly<Ref<T>>

/** A problem as the server's registry words it, or as this phone does: what, where, how to mend it. */
export interface Problem {
  code: string
  zh: string
  en: string
}

/** Thrown by ports; screens show its problem, never its stack. */
export class PortError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code)
    this.name = 'PortError'
  }
}

// ---------------------------------------------------------------------------------------- rows
// As the server's `row()` makes them, with the id and version of the envelope.

interface Row { id: string; ver: number }

export type Severity = 'general' | 'major'

/** Every signature: who, as what, when, over which hash, and the strokes themselves; or the refusal with its witness. */
export interface SignatureRecord {
  role: string
  name: string
  at: string
  hash: string
  strokes?: Strokes
  refused?: { reason: string; witness: string; witness_strokes: Strokes }
}

/**
 * A published version. base: the key of the list that this one stands for, where somebody nearer to the mine adapted it.
 * recalled: it was called back because it is wrong; `replacement` is the version to work by instead.
 */
export interface FormRow extends Row {
  key: string
  kind: string
  definition: FormDefinition
  retired: boolean
  base: string | null
  number: number
  published_at: string
  recalled: { reason: string; at: string; replacement: string | null } | null
}

/** A list that one person owes for one post in one shift. */
export interface TaskRow extends Row {
  mine: string
  person: string
  place: string | null
  post: string
  form: string
  /** The items that are due at this post and place; what is weekly is not asked daily. */
  asked: string[]
  shift: string
  opens_at: string
  due_at: string
  state: 'open' | 'done' | 'withdrawn'
}

/** at: when it was written by hand, as it says.  photos: of its sheets. */
export interface Paper { at: string; photos: string[] }

/**
 * A list as it was filled. A visit's checklist is one too: then `visit` is set, and several officers fill it; with neither
 * task nor visit somebody began it of his own accord.
 * asked: items that are due; null: all.  answers: null where one was taken back.  kept: what a move could not carry.
 */
export interface SubmissionRow extends Row {
  task: string | null
  visit: string | null
  person: string
  mine: string
  form: string
  post: string | null
  limits: PinnedLimits
  asked: string[] | null
  answers: Record<string, Answer | null>
  /** By key and person, where a colleague's part lies over the answers; of this phone, never the server's. */
  said?: Record<string, Record<string, Answer>>
  kept: Record<string, { answer: unknown; form: string; why: string }>
  /** It was filled by hand and is entered later, beside the photographs of its sheets. */
  from_paper?: Paper | null
  state: 'draft' | 'signed' | 'countersigned'
  opened_at: string
  signed_at: string | null
  signatures: Record<string, SignatureRecord>
}

export interface PlaceRow extends Row { mine: string; name: string; code: string; phones_banned: boolean }
/** `user` is the person; the row is his place at this mine. */
export interface PersonRow extends Row { user: string; mine: string; name: string; title: string; team: string; posts: string[] }
export interface MineRow extends Row {
  name: string
  kind: string
  address: string
  legal_person: string
  legal_person_position: string
  phone: string
  dispatch_phone: string
  parameters: SiteParameters
}

export interface BureauRow extends Row { name: string; abbr: string; remedies: Record<string, unknown> }

/** 五落实. `person` is the id of a PersonRow of the mine; money in whole CNY; the deadline is an ISO instant. */
export interface Plan {
  person?: string
  measures?: string
  funds?: number
  deadline?: string
  contingency?: string
}

export interface HazardRow extends Row {
  mine: string
  place: string | null
  where: string
  what: string
  severity: Severity
  suspected_major: boolean
  major_ref: string | null
  basis: Basis[]
  told: string | null
  found_by: 'mine' | 'officer'
  state: string
  reporter: string
  submission: string | null
  item: string | null
  visit: string | null
  reported_at: string
  plan: Plan
  photos: string[]
  photos_after: string[]
  doers: Record<string, string>
}

export interface HazardEventRow extends Row {
  hazard: string
  act: string
  from: string | null
  to: string
  by: string
  by_name: string
  at_device: string | null
  at_corrected: string | null
  at_server: string | null
  evidence: Evidence
}

/** role: `inspector`, or `expert`, who advises and signs no paper. */
export interface TeamMember { user: string; role?: string; name: string; certificate_no: string | null; certificate_until: string | null }

/** Who answered for the mine, as he signed or refused. */
export interface Representative { name: string; position: string; signature: SignatureRecord }

/** What he was told of after the explanation. findings: ids of hazards. */
export interface SupplementRow { at: string; by: string; findings: string[]; representative: Representative }

/** findings: the hazards that were told at the explanation; absent in a row that an older server sent: all of them. */
export interface VisitRow extends Row {
  kind: string
  mine: string
  form: string
  submission: string
  state: 'prepared' | 'opened' | 'explained' | 'closed' | 'cancelled'
  team: TeamMember[]
  purpose: string
  opened_at: string | null
  explained_at: string | null
  place: string | null
  representative: Representative | Record<string, never>
  findings?: string[]
  supplements?: SupplementRow[]
}

export interface DocumentRow extends Row {
  kind: string
  number: string
  mine: string
  visit: string
  state: string
  /** What it says, in the shape of its template. */
  data: Record<string, unknown>
  data_hash: string
  issued_at: string
  /** Name of the PDF's bytes; null while they are being made. */
  pdf: string | null
  pages: number | null
  /** Ids of the hazards that it tells of; absent in a row that an older server sent. */
  cites?: string[]
  /** The one that this takes the place of. */
  supersedes: string | null
}

/** Numbers that an officer holds in advance; `next` > `last` means that none is left. */
export interface NumberBlockRow extends Row { kind: string; year: number; pattern: string; first: number; last: number; next: number }

export interface Collections {
  form: FormRow
  task: TaskRow
  submission: SubmissionRow
  place: PlaceRow
  person: PersonRow
  mine: MineRow
  bureau: BureauRow
  hazard: HazardRow
  hazard_event: HazardEventRow
  visit: VisitRow
  document: DocumentRow
  number_block: NumberBlockRow
}

// ---------------------------------------------------------------------------------- operations

/** What a move may bring with it; which of these it must bring is said by `Move.needs`. */
export interface Evidence extends Plan {
  note?: string
  photos?: string[]
  signature?: SignatureRecord
}

/** Arguments by operation, exactly as they go on the wire. */
export interface Operations {
  'submission.begin@1': { task: string | null; visit: string | null; mine: string; form: string; post: string | null; limits: PinnedLimits; opened_at: string; paper?: Paper }
  'submission.answer@1': { answers: Record<string, Answer | null> }
  'submission.move@1': { form: string; limits: PinnedLimits }
  'submission.sign@1': SignatureRecord
  'hazard.report@1': Pick<HazardRow, 'mine' | 'place' | 'where' | 'what' | 'suspected_major' | 'major_ref' | 'basis' | 'told' | 'submission' | 'item' | 'visit' | 'photos' | 'reported_at'>
  'hazard.move@1': { act: string; seen: number; evidence: Evidence }
  'visit.move@1': { act: string; seen: number; evidence: { at: string; place?: string; limits?: PinnedLimits; representative?: Representative; findings?: string[] } }
  'document.issue@1': { kind: string; block: string; visit: string; n: number; data: Record<string, unknown>; data_hash: string; cites?: string[]; supersedes?: string }
}
export type Operation = keyof Operations

// ---------------------------------------------------------------------------------------- sync

/** How far one record is: 仅在本机 · 等待上传 · 已上传 3/5 张照片 · 已送达 · 有冲突 · 被退回. */
export interface RecordStatus {
  state: 'local' | 'waiting' | 'photos' | 'delivered' | 'conflict' | 'rejected'
  photosDone: number
  photosTotal: number
  problem: Problem | null
}

export interface UnsentRecord {
  entity: string
  kind: 'submission' | 'hazard' | 'visit' | 'document'
  title: string
  at: string
  status: RecordStatus
}

/** One of two values, in words, with who gave it where that is known, and its photos. */
export interface ConflictSide { text: string; by: string | null; at: string | null; photos: readonly string[] }

/** Two values of one field. `shown` is the graver and counts until somebody decides; `other` is null while this phone does not know it. */
export interface Conflict {
  id: string
  entity: string
  title: string
  field: string
  shown: ConflictSide
  other: ConflictSide | null
}

/** What the server would not take: kept whole, with why. */
export interface Rejected {
  id: string
  title: string
  at: string
  problem: Problem
}

/** What the server took only after somebody (`by`) had put it right: each field as it was sent and as it is now. */
export interface Mended { id: string; title: string; at: string; by: string; reason: string; changes: { field: string; was: string; now: string }[] }

/** Of a colleague's work that came as a file, sealed: `count` acts, and whether the server has signed for them. */
export interface Carried { key: string; at: string; count: number; state: 'waiting' | 'delivered' | 'refused'; problem: Problem | null }

/** What a file brought: a colleague's work (`fresh`: not here yet), or receipts (`own`: for work done on this phone). */
export type TakenIn = { kind: 'bundle'; segments: number; fresh: number } | { kind: 'receipts'; receipts: number; own: number }

/**
 * A colleague's part of a visit, as he gave it. code: of the key that signed it, to be compared face to face.
 * at: when he made it; items, hazards, signed: what of the visit is in it.
 */
export interface ColleaguePart { user: string; code: string; at: string; items: number; hazards: number; signed: boolean }

/** What a part brought. fresh: false where the same or a newer one was here. carried: packets of his to be handed in from here. */
export interface ReceivedPart { user: string; at: string; fresh: boolean; carried: number }

/** What the officers of a visit give each other where there is no network (docs/adr/0010). */
export interface TeamStore {
  /** Whether this phone has a key of the visit. */
  joined(visit: string): Live<boolean | undefined>
  /** The key that a colleague scans to join; made where there is none. */
  key(visit: string): Promise<string>
  join(visit: string, key: string): Promise<void>
  /** Of my own signing key. */
  code(): Promise<string>
  /** What I did on the visit, sealed to its key: as bytes for QR codes, or as a file with my unsent work behind it. */
  part(visit: string): Promise<Uint8Array<ArrayBuffer>>
  file(visit: string): Promise<{ name: string; text: string }>
  /**
   * code: as his phone shows it, where he signs with another key than before. Rejects with PortError in words that say
   * how to mend it; then nothing was taken.
   */
  receive(visit: VisitRow, given: string | Uint8Array<ArrayBuffer>, code?: string): Promise<ReceivedPart>
  parts(visit: string): Live<readonly ColleaguePart[] | undefined>
}

/** Bytes; `quota` null where the browser does not tell. `persisted` false: the browser may evict us. */
export interface StorageState { used: number; quota: number | null; persisted: boolean }

/** Facts about a picture that are kept beside it; the picture itself carries no EXIF. */
export interface PhotoFacts { sha: string; width: number; height: number; taken_at: string; source: 'camera' | 'file' }

export interface ActOptions {
  /** Hashes of the photos that this act refers to. */
  blobs?: string[]
  /** Freeze now: a signature, a state move, the opening of a hazard. */
  barrier?: boolean
}

/** The unlocked user's own data. A live query ends with the effect scope that it was made in. */
export interface Store {
  rows<C extends keyof Collections>(collection: C, where?: Partial<Collections[C]>): Live<readonly Collections[C][] | undefined>
  row<C extends keyof Collections>(collection: C, id: string): Live<Collections[C] | null | undefined>
  newId(): string
  /** Resolves when it is on disk. Rejects with PortError when it is not (disk full): then nothing was kept. */
  act<O extends Operation>(op: O, entity: string, args: Operations[O], options?: ActOptions): Promise<void>

  /** Writes and reads back; resolves only when what was read hashes to `facts.sha`. */
  savePhoto(bytes: ArrayBuffer, facts: PhotoFacts): Promise<void>
  /** Bytes of a photo or PDF: from this phone, else from the server where that can be reached; null where neither has it. */
  blob(sha: string): Promise<ArrayBuffer | null>

  /** Half-done input that is no record yet; survives a kill. `null` forgets it. Where there is no room for it, `trouble` says so. */
  draft(key: string): Promise<unknown>
  saveDraft(key: string, value: unknown): Promise<void>

  status(entity: string): Live<RecordStatus | undefined>
  unsent: Live<readonly UnsentRecord[] | undefined>
  conflicts: Live<readonly Conflict[] | undefined>
  rejected: Live<readonly Rejected[] | undefined>
  mended: Live<readonly Mended[] | undefined>
  /** He has seen how it was put right. */
  readMended(id: string): Promise<void>
  /** Needs the network. reason: why this value holds; it is kept with the decision. */
  resolve(conflict: string, keep: 'shown' | 'other', reason: string): Promise<void>
  /** When all that the server has for him was last here; null before the first time. */
  lastSync: Live<string | null | undefined>
  /** How many rows are here, for the wait until then. */
  received(): Live<number | undefined>
  /** Why nothing can be kept on this phone now (it is full, another tab runs a newer app); null while all is well. */
  trouble: Live<Problem | null>
  /** Why the server takes nothing from this phone now; null while it does. */
  refusal: Live<Problem | null>
  sending: Live<boolean>
  storage: Live<StorageState | undefined>
  /** Asks the browser never to evict us; the answer shows in `storage`. */
  persist(): Promise<void>
  sendNow(): Promise<void>
  /** Everything unsent, sealed, as one file that any phone or desk can hand in. */
  exportUnsent(): Promise<{ name: string; text: string }>
  /** What colleagues gave to this phone to be handed in; readable when locked. */
  carried: Live<readonly Carried[] | undefined>
  /** Takes a file of somebody's unsent work, or of receipts; refuses one that was changed on its way. */
  takeIn(text: string): Promise<TakenIn>
  /** The server's receipts for what was handed in from here, as a file for those whose work it was. */
  exportReceipts(): Promise<{ name: string; text: string }>
  team: TeamStore
}

// ------------------------------------------------------------------------------------- session

/** `note`: what tells two people of one name apart, such as title and team. */
export interface PhoneUser { id: string; name: string; note: string; unsent: number }

/** scope: `mine:…`, `enterprise:…`, `jurisdiction:…`. Only grants that hold now. */
export interface Grant { role: string; scope: string }
export interface Me { id: string; name: string; certificate_no: string | null; grants: Grant[] }

/** After a wrong PIN: how long the next try must wait. */
export type Unlock = { ok: true } | { ok: false; wait_seconds: number }

export interface Session {
  /** Who has used this phone; readable when locked. */
  users: Live<readonly PhoneUser[] | undefined>
  /** Whose data is open; null when locked. */
  current: Live<Me | null>
  /** Proven who he is, no PIN on this phone yet. */
  newcomer: Live<{ name: string } | null>
  /** `expired`: there is a network, but the server wants a fresh sign-in; work goes on, rows do not come. */
  network: Live<'online' | 'offline' | 'expired'>
  /** By the code of a printed slip, with a password of his choice. Needs the network. Sets `newcomer`, also where he had a PIN here: he forgot it. */
  activate(code: string, password: string): Promise<void>
  /** Needs the network. Sets `newcomer`; or returns the user, where he has a PIN on this phone already. */
  signIn(login: string, password: string): Promise<string | null>
  /** Makes the newcomer's store under a PIN, and opens it. */
  setPin(pin: string): Promise<void>
  /** A wrong PIN makes the next try wait, longer each time. */
  unlock(user: string, pin: string): Promise<Unlock>
  lock(): Promise<void>
}

// --------------------------------------------------------------------------- readable when locked

/** An emergency card before an operating card. `stop`: what must not be done. */
export interface Card { id: string; key: string; title: Text; emergency: boolean; parts: { title: Text; stop: boolean; steps: Text[] }[] }
export interface Phone { name: Text; number: string }
export interface LockedList { person: string; person_name: string; title: Text; due_at: string; done: boolean }

/** In a plain store that needs no sign-in: what saves a life must not wait for a PIN. */
export interface Board {
  cards: Live<readonly Card[] | undefined>
  phones: Live<readonly Phone[] | undefined>
  /** The shift's lists of this phone's crew. */
  lists: Live<readonly LockedList[] | undefined>
}

export interface Ports { session: Session; store: Store; board: Board }

export const portsKey: InjectionKey<Ports> = Symbol('ports')

/** The ports of the running app; a component outside it is a mistake in the code. */
export function usePorts(): Ports {
  const ports = inject(portsKey)
  if (!ports) throw new Error('usePorts() outside the app')
  return ports
}
