/**
 * Bytes as a row of QR codes that one phone shows in turn and another one films (docs/adr/0010-visit-key.md).
 *
 * A frame is `KJ1:PART:<id>:<i>/<n>:<check>:<base45>`, in the characters that QR packs densest. Each is small, so that
 * a poor lens reads it across a heading; each says where it belongs, so that they may come in any order and repeat.
 */
import { concat, hex, utf8, type Bytes } from './bytes'
import { sha256 } from './canonical'

/** Of content in one frame: version 10, 57 modules wide at level M, where a page of text would need 177. */
const FRAME_BYTES = 180
const FRAME = /^KJ1:PART:([0-9A-F]{8}):(\d{1,3})\/(\d{1,3}):([0-9A-F]{8}):([0-9A-Z $%*+\-./:]+)$/
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'

/** none: no frame at all. changed: misread or tampered with. got: how many are here; whole once all are. */
export type Seen = { kind: 'none' | 'changed' } | { kind: 'got'; have: number; of: number; whole: Bytes | null }

/** The frames of some bytes (one at least). Throws RangeError beyond 999 frames. */
export function toFrames(bytes: Bytes): string[] {
  const count = Math.ceil(bytes.length / FRAME_BYTES)
  if (count > 999) throw new RangeError('too large for frames')
  const size = Math.ceil(bytes.length / count)
  return Array.from({ length: count }, (_, index) => {
    const piece = base45(bytes.subarray(index * size, (index + 1) * size))
    const head = `KJ1:PART:${nameOf(bytes)}:${index + 1}/${count}`
    return `${head}:${check(head, piece)}:${piece}`
  })
}

/** Puts frames together again, of several senders at once if need be. */
export class FrameReader {
  private readonly begun = new Map<string, Map<number, Bytes>>()

  see(text: string): Seen {
    const [, id, i, n, sum, piece] = FRAME.exec(text) ?? []
    if (!id || !piece) return { kind: 'none' }
    const [index, of] = [Number(i), Number(n)]
    const bytes = check(`KJ1:PART:${id}:${i}/${n}`, piece) === sum && index >= 1 && index <= of ? fromBase45(piece) : null
    if (!bytes) return { kind: 'changed' }
    const name = `${id}/${of}`
    const pieces = this.begun.get(name) ?? new Map<number, Bytes>()
    this.begun.set(name, pieces.set(index, bytes))
    if (pieces.size < of) return { kind: 'got', have: pieces.size, of, whole: null }
    this.begun.delete(name)
    const whole = concat(...Array.from({ length: of }, (_, at) => pieces.get(at + 1)!))
    return nameOf(whole) === id ? { kind: 'got', have: of, of, whole } : { kind: 'changed' }
  }
}

const nameOf = (bytes: Uint8Array): string => hex(sha256(bytes).subarray(0, 4)).toUpperCase()
const check = (head: string, piece: string): string => nameOf(utf8(`${head}:${piece}`))

/** RFC 9285: two bytes as three characters, a last single one as two. */
export function base45(bytes: Uint8Array): string {
  let encoded = ''
  for (let at = 0; at < bytes.length; at += 2) {
    const pair = at + 1 < bytes.length
    const value = pair ? bytes[at]! * 256 + bytes[at + 1]! : bytes[at]!
    const [c, rest] = [value % 45, Math.floor(value / 45)]
    encoded += DIGITS[c]! + DIGITS[rest % 45]! + (pair ? DIGITS[Math.floor(rest / 45)]! : '')
  }
  return encoded
}

/** Null for anything that `base45` does not make. */
export function fromBase45(encoded: string): Bytes | null {
  const bytes: number[] = []
  for (let at = 0; at < encoded.length; at += 3) {
    const digits = [...encoded.slice(at, at + 3)].map((digit) => DIGITS.indexOf(digit))
    const value = digits.reduceRight((sum, digit) => sum * 45 + digit, 0)
    if (digits.length === 1 || digits.includes(-1) || value > (digits.length === 3 ? 0xffff : 0xff)) return null
    bytes.push(...(digits.length === 3 ? [value >> 8, value & 0xff] : [value]))
  }
  return Uint8Array.from(bytes)
}
