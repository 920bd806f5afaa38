/** What the host tells the engine of its operations: which record they belong to, what they do to it, how they fold. */
import type { Bytes } from './bytes'
import type { Json } from './envelope'

/** One tap of a person, as it is kept until it is frozen. args: as they go on the wire. */
export interface Act {
  id: string
  op: string
  entity: string
  base: [epoch: number, ver: number] | null
  args: Json
  blobs: string[]
  /** Its times: ms since 1970 by this phone's clock, local text, and the monotonic clock of a boot. */
  ms: number
  wall: string
  mono_ms: number
  boot: string
  /** Everything up to it is frozen at once. */
  barrier: boolean
  /** Acts of colleagues without which the server could not take it; absent in what older versions stored. */
  deps?: string[]
}

/** A row as screens see it. ver: 0 until the server has one. */
export interface Row extends Json { id: string; ver: number }
export interface Put { collection: string; row: Row }
/** A row as it stands after the acts before. */
export type Get = (collection: string, id: string) => Row | undefined

export interface Operation {
  /** The collection of its record. */
  collection: string
  /** The collections that `effect` looks into. */
  reads: readonly string[]
  /**
   * What an act does to the rows shown here until the server's answer is here: each row whole.
   * Pure; ids that it makes come from the act's. profile: what is kept of the person who did it; of a colleague, what
   * was given with his part.
   */
  effect(act: Act, get: Get, profile: unknown): Put[]
  /** The arguments of two successive acts on one record as one; without it, each act is a mutation of its own. */
  fold?(earlier: Json, later: Json): Json
  /** The record whose team the act concerns, if that is here; without it, the act is in nobody's part. */
  team?(act: Act, get: Get): string | null
  /** Whether the server's row shows that this act of `user` reached it. Asked of colleagues' acts only. */
  reached?(act: Act, row: Row, user: string): boolean
}

/** By `name@version`. An operation that is not here does nothing on this phone. */
export type Operations = Record<string, Operation>

/** Sealing and opening of JSON; the keyring, or what stands for it. */
export interface Sealer {
  readonly vault: string
  seal(value: unknown): Promise<Bytes>
  open<T>(box: Bytes): Promise<T>
  tag(...names: string[]): string
}
