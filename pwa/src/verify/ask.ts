/** The two questions of this page: what is at this address, and whose original has this hash. */
import type { components } from '@/shared/api'

export type Paper = components['schemas']['Verified']
export interface Problem { code: string; title: string }
/** A paper, a problem in the server's words, or nothing when the server was not reached. */
export type Found = { paper: Paper } | { problem: Problem } | null

async function ask(path: string, language: string): Promise<Found> {
  try {
    const answer = await fetch(`/api/v1/verify/${path}`, { headers: { 'Accept-Language': language } })
    const body = await answer.json()
    return answer.ok ? { paper: body } : { problem: body }
  } catch {
    return null
  }
}

export const askAddress = (short: string, language: string) => ask(encodeURIComponent(short), language)
export const askFile = (sha256: string, language: string) => ask(`pdf/${sha256}`, language)

/** SHA-256 in hex. WebCrypto is there on https and localhost only; an intranet without either gets the slow way. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = globalThis.crypto?.subtle
    ? new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    : (await import('@noble/hashes/sha2.js')).sha256(bytes)
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

export type Verdict = 'same' | 'differs' | 'other' | 'unknown'

/** What a dropped file is to the paper of this page (null: there is none) and to all papers. */
export function compare(hash: string, paper: Paper | null, byFile: Paper | null): Verdict {
  if (paper?.pdf === `sha256:${hash}`) return 'same'
  if (byFile) return paper ? 'other' : 'same'
  return paper ? 'differs' : 'unknown'
}
