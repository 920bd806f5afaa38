/**
 * Canonical JSON (RFC 8785), total: whatever a JSON parser let through has exactly one form. Twin of sync/canonical.py.
 *
 * Not npm's `canonicalize`: it calls String.isWellFormed, which the oldest browsers we serve (Chromium 107) lack.
 */
import { sha256 as digest } from '@noble/hashes/sha2.js'
import { utf8, type Bytes } from './bytes'

const LONE = /\p{Surrogate}/gu

/** SHA-256 (FIPS 180-4), synchronous: WebCrypto cannot be awaited inside an IndexedDB transaction. */
export const sha256 = (bytes: Uint8Array): Bytes => digest(bytes) as Bytes

/** The RFC 8785 text of a JSON value; members that are undefined count as absent. Throws RangeError for NaN and infinities. */
export function canonical(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(mended(value))
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`${value} is no JSON number`)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null) return object(value as Record<string, unknown>)
  return JSON.stringify(value)
}

/** UTF-8 of the canonical text, which is what is hashed and signed. */
export const canonicalBytes = (value: unknown): Bytes => utf8(canonical(value))

function object(value: Record<string, unknown>): string {
  const members = new Map(Object.keys(value).map((key) => [mended(key), value[key]]))
  // sort() orders by UTF-16 code units, as RFC 8785 §3.2.3 asks.
  const keys = [...members.keys()].sort().filter((key) => members.get(key) !== undefined)
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(members.get(key))}`).join(',')}}`
}

/** A lone surrogate is U+FFFD, as TextEncoder makes it. */
const mended = (string: string): string => string.replace(LONE, '\ufffd')
