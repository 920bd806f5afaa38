/**
 * Fingerprints of rows and of scopes: equal on phone and server when both hold the same rows.
 *
 * A scope's digest is the sum, modulo 2^128, of its rows' digests: kept up by adding and taking away. Twin of sync/digest.py.
 */
import { hex } from './bytes'
import { canonicalBytes, sha256 } from './canonical'
import type { Json } from './envelope'

const MODULUS = 1n << 128n

/** The first 16 bytes, big-endian, of SHA-256 over the RFC 8785 form of [collection, id, ver, row]. */
export const rowDigest = (collection: string, id: string, ver: number, row: Json): bigint =>
  BigInt(`0x${hex(sha256(canonicalBytes([collection, id, ver, row])).subarray(0, 16))}`)

export const plus = (sum: bigint, digest: bigint): bigint => (sum + digest) % MODULUS
export const minus = (sum: bigint, digest: bigint): bigint => (sum - digest + MODULUS) % MODULUS

/** A digest as the wire has it: 32 hex digits. */
export const written = (sum: bigint): string => sum.toString(16).padStart(32, '0')
