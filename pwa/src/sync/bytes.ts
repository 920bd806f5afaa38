/** Bytes and the few texts that the envelope gives them: hex, base64url, UTF-8, gzip. */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'

/** Bytes with a buffer of their own, as WebCrypto and IndexedDB ask for. */
export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** UTF-8; a lone surrogate becomes U+FFFD. */
export const utf8 = (text: string): Bytes => encoder.encode(text)
/** The text of UTF-8 bytes. Throws TypeError where they are none. */
export const text = (bytes: AllowSharedBufferSource): string => decoder.decode(bytes)
export const hex: (bytes: Uint8Array) => string = bytesToHex
/** Throws for anything but pairs of hex digits. */
export const fromHex = (digits: string): Bytes => hexToBytes(digits) as Bytes

export function concat(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** A whole number as 8 bytes, big-endian. */
export function u64(value: number): Bytes {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

/** Base64url without padding (RFC 4648 §5). */
export function b64u(bytes: Uint8Array): string {
  let binary = ''
  // In pieces: an argument list of a whole photo overflows the stack.
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** The bytes of a base64url text. Throws RangeError for padding, foreign characters or stray last bits. */
export function fromB64u(encoded: string): Bytes {
  if (!/^[A-Za-z0-9_-]*$/.test(encoded) || encoded.length % 4 === 1) throw new RangeError('not base64url without padding')
  const binary = atob(encoded.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  if (b64u(bytes) !== encoded) throw new RangeError('base64url with stray bits at its end')
  return bytes
}

async function through(bytes: BlobPart, stream: CompressionStream | DecompressionStream): Promise<Bytes> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer())
}

/** One gzip member (RFC 1952). */
export const gzip = (plain: string | Bytes): Promise<Bytes> => through(plain, new CompressionStream('gzip'))
/** Throws TypeError when it is not gzip, is cut short, or something follows. */
export const gunzip = (packed: Bytes): Promise<Bytes> => through(packed, new DecompressionStream('gzip'))
