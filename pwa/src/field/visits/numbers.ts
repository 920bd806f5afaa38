/** Numbers of documents, from the blocks that an officer holds: no counter is asked underground. */
import type { NumberBlockRow } from '../ports'

export const left = (blocks: readonly NumberBlockRow[], kind: string): number =>
  blocks.filter((block) => block.kind === kind).reduce((sum, { next, last }) => sum + Math.max(0, last - next + 1), 0)

export interface Serial { block: string; n: number; number: string }

/** The next number of a kind: from the lowest block that still has one; null when none is left. */
export function nextSerial(blocks: readonly NumberBlockRow[], kind: string): Serial | null {
  const [block] = blocks.filter((one) => one.kind === kind && one.next <= one.last).sort((a, b) => a.year - b.year || a.next - b.next)
  if (!block) return null
  return { block: block.id, n: block.next, number: block.pattern.replace('{year}', String(block.year)).replace('{n}', String(block.next)) }
}
