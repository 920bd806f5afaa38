/**
 * What one person did for a team's record, for a colleague whom no network reaches: signed by him, sealed to the
 * team's keys (docs/adr/0010-visit-key.md, byte for byte).
 */
import { b64u, concat, fromB64u, gunzip, gzip, hex, text, utf8, type Bytes } from './bytes'
import { canonicalBytes, sha256 } from './canonical'
import { LIMITS, type Certificate, type Json } from './envelope'
import { octets } from './ids'
import { sign, verify } from './keys'
import { SyncError } from './problems'

/** A frozen act, as far as a colleague needs it. */
export interface PartAct { id: string; op: string; entity: string; args: Json; blobs: string[]; wall: string }

export interface Part {
  v: 1
  team: string
  user: string
  /** His public key. */
  signing: string
  /** That it is his; null where the server has given him none, absent from what older versions made. */
  certificate?: Certificate | null
  /** ms since 1970 by his phone, and always more than in his last one: tells the newer from the older. */
  made: number
  /** Every key of the team that he knows. */
  keys: string[]
  acts: PartAct[]
}

const VERSION = 1
const KEY_BYTES = 32
const WRAPPED = 8 + 40
const LABEL = utf8('kuangjian/part/1\n')
/** More phones that showed a code of their own than any team has officers. */
const MOST_KEYS = 16

/** A fresh key of a team. */
export const newTeamKey = (random: (bytes: number) => Uint8Array): string => b64u(random(KEY_BYTES))

/** Whether a text is a team's key: 32 bytes, base64url. */
export function isTeamKey(key: string): boolean {
  try {
    return fromB64u(key).length === KEY_BYTES
  } catch {
    return false
  }
}

/** Signs and seals a part: whoever has one of its keys can open it. Throws SyncError part.too_large: nobody would read it. */
export async function sealPart(given: Part, signing: CryptoKey): Promise<Bytes> {
  // The code that is shown is the smallest: who joined by it must be able to open this.
  const part = { ...given, keys: [...given.keys].sort().slice(0, MOST_KEYS) }
  const content = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt'])
  const wrapped = await Promise.all(part.keys.map(async (key) => concat(idOf(key), new Uint8Array(await crypto.subtle.wrapKey('raw', content, await wrapping(key), 'AES-KW')))))
  const head = concat(Uint8Array.of(VERSION, wrapped.length), ...wrapped)
  const plain = await gzip(JSON.stringify({ ...part, sig: await sign(signing, signed(part)) }))
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const cipher = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: associated(part.team, head) }, content, plain)
  const box = concat(head, iv, new Uint8Array(cipher))
  if (box.length > LIMITS.sent) throw new SyncError('part.too_large')
  return box
}

/**
 * Opens a part of a team with the keys that are known here, and sees that it is signed.
 *
 * Throws SyncError part.foreign (no part), part.too_new, part.key_unknown, part.damaged, part.forged.
 */
export async function openPart(box: Bytes, team: string, keys: readonly string[]): Promise<Part> {
  if (box.length > LIMITS.sent) throw new SyncError('part.foreign')
  if (box[0] !== VERSION) throw new SyncError(box[0] === undefined ? 'part.foreign' : 'part.too_new')
  const headed = 2 + (box[1] ?? 0) * WRAPPED
  if (box.length < headed + 12 + 16) throw new SyncError('part.damaged')
  const content = await contentKey(box.subarray(2, headed), keys)
  const iv = box.slice(headed, headed + 12)
  const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: associated(team, box.subarray(0, headed)) }, content, box.slice(headed + 12)).catch(() => {
    throw new SyncError('part.damaged')
  })
  return read(await gunzip(new Uint8Array(plain)), team)
}

/** Signed by whoever made it; its members are looked at one by one, for his program may be another one. */
async function read(plain: Bytes, team: string): Promise<Part> {
  const { sig, ...part } = parsed(plain) as unknown as Part & { sig: string }
  if (part.v !== 1) throw new SyncError('part.too_new')
  if (part.team !== team || !isPart(part) || typeof sig !== 'string') throw new SyncError('part.damaged')
  if (!(await verify(part.signing, signed(part), sig))) throw new SyncError('part.forged')
  return part
}

function parsed(plain: Bytes): Json {
  try {
    return JSON.parse(text(plain)) as Json
  } catch {
    throw new SyncError('part.damaged')
  }
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isPart = ({ user, signing, made, keys, acts }: Part): boolean =>
  [user, signing].every(isText) && Number.isSafeInteger(made) && Array.isArray(keys) && keys.length <= MOST_KEYS && keys.every((key) => isText(key) && isTeamKey(key)) &&
  Array.isArray(acts) && acts.every((act) => [act?.id, act?.op, act?.entity, act?.wall].every(isText) && typeof act.args === 'object' && act.args !== null && Array.isArray(act.blobs))

async function contentKey(wrapped: Bytes, keys: readonly string[]): Promise<CryptoKey> {
  const known = new Map(keys.map((key) => [hex(idOf(key)), key]))
  for (let at = 0; at < wrapped.length; at += WRAPPED) {
    const key = known.get(hex(wrapped.subarray(at, at + 8)))
    if (!key) continue
    return crypto.subtle.unwrapKey('raw', wrapped.slice(at + 8, at + WRAPPED), await wrapping(key), 'AES-KW', 'AES-GCM', false, ['decrypt']).catch(() => {
      throw new SyncError('part.damaged')
    })
  }
  throw new SyncError('part.key_unknown')
}

const idOf = (key: string): Bytes => sha256(concat(utf8('kuangjian/team-key/1\n'), fromB64u(key))).slice(0, 8)
const wrapping = (key: string): Promise<CryptoKey> => crypto.subtle.importKey('raw', fromB64u(key), 'AES-KW', false, ['wrapKey', 'unwrapKey'])
const associated = (team: string, head: Uint8Array): Bytes => concat(LABEL, octets(team), head)
const signed = (part: Part): Bytes => concat(LABEL, sha256(canonicalBytes(part)))
