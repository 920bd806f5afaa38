/** What goes over the wire, and what of it is hashed, chained and signed, byte for byte (docs/adr/0004-sync-envelope.md). */
import { concat, fromHex, hex, u64, utf8, type Bytes } from './bytes'
import { canonicalBytes, sha256 } from './canonical'
import { octets } from './ids'

export type Json = Record<string, unknown>

/** One act of a person on one record. All members, in the order of the ADR. */
export interface Mutation {
  seq: number
  id: string
  op: string
  entity: string
  base: [epoch: number, ver: number] | null
  args: Json
  hlc: string
  wall: string
  mono_ms: number
  boot: string
  deps: string[]
  blobs: string[]
}
/** Holds the place of a mutation that can never come; `void` is its hash. */
export interface Void { seq: number; void: string }
export type Entry = Mutation | Void

/** Inside a sealed segment: whose it is, should the server not know its enrolment any more. after: the link before its first entry, hex. */
export interface Author { user: string; signing_key: string; after: string }

/** A run of consecutive entries, sealed to a key of the server. */
export interface Sealed { device: string; first: number; last: number; box: string }

export interface ExchangeRequest {
  v: 1
  device: string
  client: string
  boot: string
  mono_ms: number
  sent_at: string
  cursor: string | null
  pull: boolean
  key: string
  mutations: Entry[]
  head_sig: string | null
  sealed: Sealed[]
  ask: number[]
  /** Asks for a certificate. */
  certify?: true
}

export interface EnrolRequest {
  v: 1
  phone: string
  user: string
  transport_key: string
  signing_key: string
  client: string
  boot: string
  mono_ms: number
  sent_at: string
  replaces: string | null
}

export interface ServerKey { id: string; public: string }
export interface EnrolAnswer {
  device: string
  epoch: number
  last_seq: number
  durable_seq: number
  server_time: string
  sealing_key: ServerKey
  receipt_key: ServerKey
  /** Absent from the first servers' answers. */
  certificate?: Certificate
}

/** Whose signing key it is, in the server's word. from, until: by the server's clock. key: the id of the receipt key that signed it. */
export interface Certificate { v: 1; user: string; signing_key: string; from: string; until: string; key: string; sig: string }

/** What became of a mutation; `duplicate` is never kept: `was` stands for it. */
export type Outcome = 'applied' | 'merged' | 'conflict' | 'held' | 'quarantined'
export interface ServerProblem { code: string; params: Json }
/** Who put it right at the desk before it took effect, and why. changes: at: a JSON pointer into the arguments. */
export interface Mended { by: string; reason: string; changes: { at: string; was: unknown; now: unknown }[] }
export interface Result {
  seq: number
  status: Outcome | 'duplicate'
  was: Outcome | null
  ver: number | null
  conflict: { id: string; fields: string[] } | null
  problem: ServerProblem | null
  /** Absent from what took effect as it was sent. */
  mended?: Mended
}

/** Signed by the server for a segment that it took, or did not (problem). */
export interface Receipt {
  device: string
  first: number
  last: number
  at: string
  problem: ServerProblem | null
  results: { seq: number; status: Outcome | 'duplicate' }[]
  sig: string
}

export interface Change {
  scope: string
  op: 'put' | 'leave' | 'delete'
  collection: string
  id: string
  ver: number | null
  row: Json | null
}
/** The part of an answer that says which rows this phone holds. */
export interface Delta {
  changes: Change[]
  more: boolean
  add_scopes: string[]
  drop_scopes: string[]
  ready_scopes: string[]
  digest: Record<string, string>
}
export interface ExchangeAnswer extends Delta {
  epoch: number
  server_time: string
  live: boolean
  /** The phone was reported lost. Absent from the first servers' answers. */
  revoked?: boolean
  last_seq: number
  durable_seq: number
  results: Result[]
  receipts: Receipt[]
  missing_blobs: string[]
  cursor: string | null
  sealing_key: ServerKey | null
  /** Null unless it was asked for. Absent from the first servers' answers. */
  certificate?: Certificate | null
}

/** The limits of the ADR, in entries or bytes. */
export const LIMITS = { entries: 1000, sent: 262_144, inflated: 2_097_152, mutation: 131_072, ask: 500 } as const

/** SHA-256 of the mutation without its seq; a void states the hash of what is gone. */
export function bodyHash(entry: Entry | Omit<Mutation, 'seq'>): Bytes {
  if ('void' in entry) return fromHex(entry.void)
  return sha256(canonicalBytes({ ...entry, seq: undefined }))
}

/** link_0 of a device's chain. */
export const genesis = (device: string): Bytes => sha256(concat(utf8('kuangjian/chain/1\n'), octets(device)))

/** link_n = SHA-256(link_{n-1} ‖ n ‖ hash_n). */
export const link = (previous: Bytes, seq: number, hash: Bytes): Bytes => sha256(concat(previous, u64(seq), hash))

/** What the person's signing key signs: the chain up to and with this link. */
export const headMessage = (head: Bytes): Bytes => concat(utf8('kuangjian/head/1\n'), head)

/**
 * A request with each mutation replaced by its hash and each box by its digest, without `auth`.
 *
 * hashes: those already known, so that nothing large is made canonical twice.
 */
export function skeleton(request: ExchangeRequest, hashes = new Map<number, string>()): Json {
  const mutations = request.mutations.map((entry) => [
    entry.seq, hashes.get(entry.seq) ?? hex(bodyHash(entry)), ...('void' in entry ? ['void'] : []),
  ])
  const sealed = request.sealed.map(({ device, first, last, box }) => [device, first, last, hex(sha256(utf8(box)))])
  return { ...request, auth: undefined, mutations, sealed }
}

const signedHash = (purpose: string, value: Json): Bytes => concat(utf8(`kuangjian/${purpose}/1\n`), sha256(canonicalBytes(value)))

/** What the transport key signs of an exchange. */
export const exchangeMessage = (request: ExchangeRequest, hashes?: Map<number, string>): Bytes =>
  signedHash('exchange', skeleton(request, hashes))

/** What both keys sign of an enrolment, to prove that the phone holds them. */
export const enrolMessage = (request: EnrolRequest): Bytes => signedHash('enrol', { ...request, proof: undefined })

/** What the server's receipt key signs. */
export const receiptMessage = (receipt: Receipt): Bytes => signedHash('receipt', { ...receipt, sig: undefined })

/** What the server's receipt key signs of whose signing key it is. */
export const certificateMessage = (certificate: Certificate): Bytes => signedHash('certificate', { ...certificate, sig: undefined })
