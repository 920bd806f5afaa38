/** The name of a published checklist: sha256 of the RFC 8785 form of its Chinese. Twin of forms/version.py. */

import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { FormDefinition } from './types'

/** 64 hex digits that name this definition and no other; translations do not count. */
export function version(definition: FormDefinition): string {
  return bytesToHex(sha256(utf8ToBytes(canonical(chinese(definition)))))
}

/**
 * JSON as RFC 8785 writes it. Our own because npm's `canonicalize` needs String.isWellFormed (Chromium 111), above the
 * floor of the phones we serve (107).
 * Throws TypeError on what JSON cannot carry: NaN, infinities, half a character.
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, inner]) => inner !== undefined)
    // The default order of sort() is by UTF-16 code units, which is what RFC 8785 3.2.3 asks.
    members.sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([key, inner]) => `${canonical(key)}:${canonical(inner)}`).join(',')}}`
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} is no JSON number`)
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) throw new TypeError('half a character is no text')
  const written = JSON.stringify(value) as string | undefined
  if (written === undefined) throw new TypeError(`${typeof value} is no JSON`)
  return written
}

/** The definition with only the Chinese of every text. */
function chinese(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(chinese)
  if (typeof value !== 'object' || value === null) return value
  if ('zh' in value && typeof value.zh === 'string') return { zh: value.zh }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, chinese(inner)]))
}
