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
}

/** What an act does to one row until the server's answer is here. Pure; undefined is a row that is not there. */
export interface Effect {
  collection: string
  id: string
  reduce(row: Json | undefined): Json | undefined
}

export interface Operation {
  /** The collection of its record. */
  collection: string
  reduce(row: Json | undefined, args: Json, act: Act): Json | undefined
  /** Other rows that it changes. */
  also?(args: Json, act: Act): Effect[]
  /** Two successive acts on one record as one; without it, each is a mutation of its own. */
  fold?(earlier: Json, later: Json): Json
}

/** By `name@version`. */
export type Operations = Record<string, Operation>

/** Everything an act does here. An operation that this program does not know does nothing. */
export function effects(operations: Operations, act: Act): Effect[] {
  const operation = operations[act.op]
  if (!operation) return []
  const own: Effect = { collection: operation.collection, id: act.entity, reduce: (row) => operation.reduce(row, act.args, act) }
  return [own, ...(operation.also?.(act.args, act) ?? [])]
}

/** Sealing and opening of JSON; the keyring, or what stands for it. */
export interface Sealer {
  readonly vault: string
  seal(value: unknown): Promise<Bytes>
  open<T>(box: Bytes): Promise<T>
  tag(...names: string[]): string
}
