/** P-256 keys and signatures as WebCrypto has them: raw points of 65 bytes, signatures r ‖ s of 64, base64url. */
import { b64u, fromB64u, hex, type Bytes } from './bytes'
import { sha256 } from './canonical'

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' }
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' }

/** A pair for signing. extractable: only for a key that is stored wrapped; else the browser never gives it out. */
export async function signingPair(extractable: boolean): Promise<{ key: CryptoKey; raw: string }> {
  const pair = await crypto.subtle.generateKey(CURVE, extractable, ['sign', 'verify'])
  return { key: pair.privateKey, raw: await rawPublic(pair.publicKey) }
}

/** A public key as the wire has it: the uncompressed point, base64url. */
export const rawPublic = async (key: CryptoKey): Promise<string> => b64u(new Uint8Array(await crypto.subtle.exportKey('raw', key)))

/** A private key from PKCS #8, not to be had out again. */
export const signingKey = (pkcs8: BufferSource): Promise<CryptoKey> => crypto.subtle.importKey('pkcs8', pkcs8, CURVE, false, ['sign'])

/** ECDSA with SHA-256 over message, base64url, 86 characters. */
export const sign = async (key: CryptoKey, message: Bytes): Promise<string> =>
  b64u(new Uint8Array(await crypto.subtle.sign(SIGNATURE, key, message)))

/** Whether signature is good for message under a public key of the wire. Never throws. */
export async function verify(raw: string, message: Bytes, signature: string): Promise<boolean> {
  try {
    if (signature.length !== 86) return false
    const key = await crypto.subtle.importKey('raw', fromB64u(raw), CURVE, false, ['verify'])
    return await crypto.subtle.verify(SIGNATURE, key, fromB64u(signature), message)
  } catch {
    return false
  }
}

/** The id of a public key: the first 8 bytes of SHA-256 over its raw point, hex. */
export const keyId = (raw: Bytes): string => hex(sha256(raw).subarray(0, 8))
