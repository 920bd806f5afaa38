/**
 * Sealing to the server: ephemeral ECDH on P-256, HKDF-SHA256, AES-256-GCM. Who carries a box reads nothing.
 *
 * box = 0x01 ‖ key id (8) ‖ ephemeral public key (65) ‖ ciphertext ‖ tag (16), base64url. Twin of sync/sealing.py.
 */
import { b64u, concat, fromB64u, fromHex, gzip, hex, u64, utf8, type Bytes } from './bytes'
import { octets } from './ids'
import { keyId } from './keys'
import type { Author, Entry, Sealed } from './envelope'

const CURVE = { name: 'ECDH', namedCurve: 'P-256' }
const LABEL = utf8('kuangjian/sealed/1\n')
const HEADER = 1 + 8 + 65

/** Seals consecutive entries and the signature over the last link. recipient: the server's raw key. */
export async function sealSegment(recipient: Bytes, device: string, entries: Entry[], headSig: string, author: Author | null): Promise<Sealed> {
  const first = entries[0]!.seq
  const last = entries.at(-1)!.seq
  const plain = await gzip(JSON.stringify({ v: 1, mutations: entries, head_sig: headSig, author }))
  const ephemeral = await crypto.subtle.generateKey(CURVE, false, ['deriveBits'])
  return { device, first, last, box: await seal(recipient, ephemeral, plain, associated(device, first, last)) }
}

/** What the tag binds beside the ciphertext: whose segment it is, and which numbers. */
export const associated = (device: string, first: number, last: number): Bytes => concat(LABEL, octets(device), u64(first), u64(last))

/** Seals plaintext (gzip of the segment's JSON). An ephemeral pair is used once only. */
export async function seal(recipient: Bytes, ephemeral: CryptoKeyPair, plain: Bytes, aad: Bytes): Promise<string> {
  const epk = new Uint8Array(await crypto.subtle.exportKey('raw', ephemeral.publicKey))
  const { key, nonce } = await derive(ephemeral.privateKey, recipient, epk, recipient)
  const cipher = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: aad }, key, plain)
  return b64u(concat(Uint8Array.of(1), fromHex(keyId(recipient)), epk, new Uint8Array(cipher)))
}

/** The plaintext of a box. Throws when the key, the label or a single bit is not the right one. */
export async function open(privateKey: CryptoKey, own: Bytes, box: string, aad: Bytes): Promise<Bytes> {
  const data = fromB64u(box)
  if (data.length < HEADER + 16 || data[0] !== 1) throw new RangeError('not a box of version 1')
  if (keyId(own) !== hex(data.subarray(1, 9))) throw new RangeError('sealed to another key')
  const epk = data.slice(9, HEADER)
  const { key, nonce } = await derive(privateKey, epk, epk, own)
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce, additionalData: aad }, key, data.slice(HEADER)))
}

async function derive(mine: CryptoKey, theirs: Bytes, epk: Bytes, recipient: Bytes): Promise<{ key: CryptoKey; nonce: Bytes }> {
  const peer = await crypto.subtle.importKey('raw', theirs, CURVE, false, [])
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: peer }, mine, 256)
  const secret = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveBits'])
  const info = concat(LABEL, epk, recipient)
  const material = new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }, secret, 352))
  return { key: await crypto.subtle.importKey('raw', material.slice(0, 32), 'AES-GCM', false, ['encrypt', 'decrypt']), nonce: material.slice(32) }
}
