/**
 * One person's corner of a shared phone: what his PIN opens.
 *
 * A root secret of 32 random bytes is wrapped twice: under a key from the PIN (PBKDF2), and that under the phone's lock,
 * an AES key which the browser does not give out. So the PIN cannot be tried on copied records: without this very
 * browser profile there is nothing to try it on. From the root come the data key and the keys of tags and masks.
 */
import { concat, hex, text, utf8, type Bytes } from './bytes'
import { sha256 } from './canonical'
import { lasting, unlessFull, type PhoneRecord, type TextDb, type VaultRecord } from './db'
import { signingKey, signingPair } from './keys'
import { withReserve } from './reserve'

/** OWASP's floor for PBKDF2-SHA256 is higher for passwords on servers; here the phone's lock stands before it. */
const ROUNDS = 310_000
const FREE_TRIES = 3
const FIRST_WAIT = 5_000
const LONGEST_WAIT = 30 * 60_000

/** The opened vault. Lives in memory only, and is dropped to lock. */
export class Keyring {
  private constructor(
    readonly vault: string,
    readonly user: string,
    private readonly data: CryptoKey,
    private readonly tags: Bytes,
    private readonly masks: Bytes,
    readonly signing: CryptoKey,
  ) {}

  static async of(record: Pick<VaultRecord, 'vault' | 'user' | 'signing'>, root: Bytes): Promise<Keyring> {
    const { data, tags, masks } = await derived(root)
    const signing = await signingKey(await unboxed(data, record.signing))
    return new Keyring(record.vault, record.user, data, tags, masks, signing)
  }

  /** JSON under the data key. */
  seal(value: unknown): Promise<Bytes> {
    return boxed(this.data, utf8(JSON.stringify(value)))
  }

  /** Throws OperationError when the box was damaged or is not this vault's. */
  async open<T>(box: Bytes): Promise<T> {
    return JSON.parse(text(await unboxed(this.data, box))) as T
  }

  sealBytes(bytes: BufferSource): Promise<Bytes> {
    return boxed(this.data, bytes)
  }

  openBytes(box: Bytes): Promise<Bytes> {
    return unboxed(this.data, box)
  }

  /** A name that can be looked up and not read: 16 bytes of SHA-256 over a secret and the name, hex. */
  tag(...names: string[]): string {
    return hex(sha256(concat(this.tags, utf8(names.join('\n')))).subarray(0, 16))
  }

  /** A digest, hidden (or found again) by a pad from a nonce that is used once; synchronous, for use in a transaction. */
  masked(digest: bigint, nonce: Bytes): bigint {
    return digest ^ BigInt(`0x${hex(sha256(concat(this.masks, nonce)).subarray(0, 16))}`)
  }
}

/** The nonce of a box made by `Keyring.seal`. */
export const nonceOf = (box: Bytes): Bytes => box.slice(0, 12)

/** AES-GCM with a fresh nonce in front. */
export async function boxed(key: CryptoKey, plain: BufferSource): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  return concat(iv, new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plain)))
}

/** Throws OperationError for another key or a single changed bit. */
export async function unboxed(key: CryptoKey, box: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: box.slice(0, 12) }, key, box.slice(12)))
}

/** Makes a person's vault on this phone, with his signing key inside. A vault that he had is retired. */
export async function makeVault(
  db: TextDb, phone: PhoneRecord, person: { vault: string; user: string; label: unknown; profile: unknown }, pin: string, now: number,
): Promise<Keyring> {
  const root = crypto.getRandomValues(new Uint8Array(32))
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const { data } = await derived(root)
  const pair = await signingPair(true)
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', pair.key)
  const record: VaultRecord = {
    ...person, made_at: now, retired: 0, salt, rounds: ROUNDS,
    root: await boxed(phone.lock, await boxed(await pinKey(pin, salt, ROUNDS), root)),
    signing: await boxed(data, pkcs8), signing_public: pair.raw,
    profile: await boxed(data, utf8(JSON.stringify(person.profile))),
    fails: 0, until: 0, device: null, pending: null,
  }
  await withReserve(db, () => db.transaction('rw', db.vaults, async () => {
    await db.vaults.where('user').equals(person.user).modify({ retired: 1 })
    await db.vaults.add(record)
  }))
  return Keyring.of(record, root)
}

export type Opened = { keys: Keyring } | { keys: null; fails: number; wait_ms: number }

/**
 * Tries a PIN. What a wrong one costs is written down before it is tried, so that a kill of the browser saves nothing; on a
 * full phone in the room set aside. Throws QuotaExceededError where that is used up too: then it was not tried.
 */
export async function openVault(db: TextDb, phone: PhoneRecord, vault: string, pin: string, now: number): Promise<Opened> {
  const tried = await lasting(() => withReserve(db, () => db.transaction('rw', db.vaults, async () => {
    const record = (await db.vaults.get(vault))!
    // A clock that was set back must not make him wait longer than his tries have cost.
    const until = Math.min(record.until, now + waitAfter(record.fails))
    if (now < until) {
      if (until < record.until) await db.vaults.update(vault, { until })
      return { record: { ...record, until }, early: true }
    }
    await db.vaults.update(vault, { fails: record.fails + 1, until: now + waitAfter(record.fails + 1) })
    return { record: { ...record, fails: record.fails + 1, until: now + waitAfter(record.fails + 1) }, early: false }
  })), db)
  const { record, early } = tried
  const root = early ? null : await rootOf(phone, record, pin)
  if (!root) return { keys: null, fails: record.fails, wait_ms: Math.max(0, record.until - now) }
  // Who is in is in; on a full phone his earlier tries go on counting.
  await lasting(() => db.vaults.update(vault, { fails: 0, until: 0 }), db).catch(unlessFull)
  return { keys: await Keyring.of(record, root) }
}

const waitAfter = (fails: number): number =>
  fails < FREE_TRIES ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (fails - FREE_TRIES))

async function rootOf(phone: PhoneRecord, record: VaultRecord, pin: string): Promise<Bytes | null> {
  const inner = await unboxed(phone.lock, record.root)
  return unboxed(await pinKey(pin, record.salt, record.rounds), inner).catch(() => null)
}

async function pinKey(pin: string, salt: Bytes, iterations: number): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey('raw', utf8(pin), 'PBKDF2', false, ['deriveKey'])
  return crypto.subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'],
  )
}

async function derived(root: Bytes): Promise<{ data: CryptoKey; tags: Bytes; masks: Bytes }> {
  const secret = await crypto.subtle.importKey('raw', root, 'HKDF', false, ['deriveBits', 'deriveKey'])
  const of = (use: string) => ({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(`kuangjian/phone/${use}/1`) })
  const bits = async (use: string) => new Uint8Array(await crypto.subtle.deriveBits(of(use), secret, 256))
  const data = await crypto.subtle.deriveKey(of('data'), secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  return { data, tags: await bits('tags'), masks: await bits('masks') }
}
