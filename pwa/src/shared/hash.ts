/** What is signed, and by which name a photo is known. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { canonical } from '@/forms'

/** `sha256:` + hex, the name of bytes everywhere in this system. */
export const nameOf = (bytes: Uint8Array): string => `sha256:${bytesToHex(sha256(bytes))}`

/** The RFC 8785 hash of a record: what a signature signs. `undefined` members count as absent. */
export const recordHash = (record: object): string => nameOf(utf8ToBytes(canonical(record)))

/** What a person can compare by eye with a colleague's screen or a print. */
export const shortForm = (hash: string): string => hash.replace('sha256:', '').slice(0, 12).replace(/(.{4})(?=.)/g, '$1 ')
