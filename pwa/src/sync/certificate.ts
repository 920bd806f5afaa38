/** Whose signing key it is, in the server's word: for colleagues whom no network reaches (docs/adr/0010-visit-key.md). */
import type { EnrolmentRecord, TextDb } from './db'
import { certificateMessage, type Certificate } from './envelope'
import { verify } from './keys'
import type { Part } from './part'

/** Whether the server is to be asked for one: there is none, or half of its time is over. */
export function wantsCertificate({ certificate }: EnrolmentRecord, now: number): boolean {
  return !certificate || now > (Date.parse(certificate.from) + Date.parse(certificate.until)) / 2
}

/** The open person's, which goes with what he signs; null while the server has given none. */
export async function ownCertificate(db: TextDb, vault: string): Promise<Certificate | null> {
  const { device } = (await db.vaults.get(vault))!
  return (device && (await db.enrolments.get(device))?.certificate) || null
}

/**
 * What its certificate says of a part's signing key: that it is its author's; that it is somebody else's; or nothing,
 * for there is none, it is over, or no server that this phone enrolled with has signed it.
 *
 * Before `from` it is taken: a phone's clock may be behind, and a key is nobody else's for having been his too early.
 */
export async function vouched(db: TextDb, { user, signing, certificate }: Part, now: number): Promise<'his' | 'another' | 'unknown'> {
  if (!isCertificate(certificate) || !(now < Date.parse(certificate.until))) return 'unknown'
  const servers = new Set((await db.enrolments.toArray()).map(({ receipt }) => receipt.public))
  const signed = await Promise.all([...servers].map((server) => verify(server, certificateMessage(certificate), certificate.sig)))
  if (!signed.includes(true)) return 'unknown'
  return certificate.user === user && certificate.signing_key === signing ? 'his' : 'another'
}

const isCertificate = (given: unknown): given is Certificate =>
  typeof given === 'object' && given !== null && (given as Certificate).v === 1 &&
  (['user', 'signing_key', 'from', 'until', 'sig'] as const).every((name) => typeof (given as Certificate)[name] === 'string')
