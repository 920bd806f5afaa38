/** UUID version 7 (RFC 9562 §5.7) and the bytes of a UUID. Twin of sync/ids.py. */
import { fromHex, hex, type Bytes } from './bytes'

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** The UUIDv7 of a moment. ms: since 1970 UTC, 48 bits. random: 10 bytes, of which 74 bits are used. */
export function uuid7(ms: number, random: Uint8Array): string {
  const octets = new Uint8Array(16)
  new DataView(octets.buffer).setBigUint64(0, BigInt(ms) << 16n)
  octets.set(random.subarray(0, 10), 6)
  octets[6] = 0x70 | (octets[6]! & 0x0f)
  octets[8] = 0x80 | (octets[8]! & 0x3f)
  return hex(octets).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Whether it is a UUIDv7 in the one form the wire allows: lower case, with hyphens. */
export const isUuid7 = (value: string): boolean => UUID7.test(value)

/** The 16 bytes of a UUID's text. */
export const octets = (uuid: string): Bytes => fromHex(uuid.replaceAll('-', ''))
