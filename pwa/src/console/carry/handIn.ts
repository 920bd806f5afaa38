/** Work that was carried here as a file, handed in for the phones that have no network; nobody at the desk can read it. */
import { inPieces, kindOf, readBundle, readPart } from '@/sync/bundle'
import type { Receipt, Sealed } from '@/sync/envelope'
import { ask, Refused, type Problem } from '../api'

/** Why a file is not handed in. foreign: none of ours. damaged: cut or changed. receipts: for the phone, not for the server. */
export type NotHere = 'foreign' | 'damaged' | 'receipts'

/** The parcels of a file, or why there are none. */
export function parcels(text: string): Sealed[] | NotHere {
  const kind = kindOf(text)
  if (kind === null) return 'foreign'
  if (kind === 'receipts') return 'receipts'
  try {
    return readBundle(kind === 'part' ? readPart(text).bundle : text)
  } catch {
    return 'damaged'
  }
}

async function send(text: string): Promise<Receipt[]> {
  const answer = await ask(new Request('/api/v1/sync/bundles', { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: text }))
  if (!answer.ok) throw new Refused((await answer.json()) as Problem)
  return ((await answer.json()) as { receipts: Receipt[] }).receipts
}

/** Hands parcels in. told: with the receipts so far, after each piece. Throws Unreachable, Refused; what was handed in stays so. */
export async function handIn(segments: readonly Sealed[], told: (receipts: readonly Receipt[]) => void): Promise<void> {
  const receipts: Receipt[] = []
  await inPieces(segments, send, (error) => error instanceof Refused && error.problem.status === 413, (_, more) => {
    receipts.push(...more)
    told([...receipts])
  })
}
