/** The taps of a person in their order, each durable before it is said to be; and how they become mutations. */
import { hex } from './bytes'
import { lasting, type TextDb } from './db'
import { LIMITS } from './envelope'
import type { Act, Operations, Sealer } from './operations'

/** An act as it stands in the journal; n: its place. */
export interface Entry { n: number; act: Act }
/** Adjacent acts that are one mutation, and the entries they came from. */
export interface Folded { act: Act; from: number[] }

/** Beyond it nothing more is folded in: half of what a mutation may have. */
const FOLDED_BYTES = LIMITS.mutation / 2
/** What has rested this long is not waited for any more; what is this old is sent though taps go on. */
export const QUIET_MS = 30_000
export const OLDEST_MS = 300_000

/** Writes an act down. Resolves when it is durable; rejects when it is not, and then nothing was kept. */
export async function writeDown(db: TextDb, keys: Sealer, act: Act): Promise<void> {
  const record = { vault: keys.vault, entity: keys.tag(act.entity), blobs: act.blobs, box: await keys.seal(act) }
  await lasting(async (again) => {
    // The connection may have gone after the commit; a box is made once.
    if (again && (await db.journal.where('entity').equals(record.entity).filter(({ box }) => hex(box) === hex(record.box)).count()) > 0) return
    await db.journal.add(record)
  }, db)
}

/** What is in the journal, in order. An entry that does not open stays where it is and holds nothing up. */
export async function journalOf(db: TextDb, keys: Sealer): Promise<Entry[]> {
  const records = await db.journal.where('vault').equals(keys.vault).sortBy('n')
  const opened = await Promise.all(records.map(async ({ n, box }) => {
    const act = await keys.open<Act>(box).catch(() => null)
    return act && { n: n!, act }
  }))
  return opened.filter((entry) => entry !== null)
}

/**
 * How many acts of a journal, from its beginning, are due to be frozen.
 *
 * An answer waits a little for the next one, so that a list is one mutation; whatever does not fold, is a barrier,
 * has rested or is old, is due, and all that was before it.
 */
export function due(acts: readonly Act[], operations: Operations, now: number): number {
  const last = acts.at(-1)
  if (!last) return 0
  // A clock that was set back must not make it wait.
  if (now - last.ms >= QUIET_MS || now - acts[0]!.ms >= OLDEST_MS || now < last.ms) return acts.length
  return acts.findLastIndex(({ op, barrier }) => barrier || !operations[op]?.fold) + 1
}

/** When the first of them will be due, if nothing more happens. */
export const dueAt = (acts: readonly Act[]): number =>
  acts.length === 0 ? Infinity : Math.min(acts.at(-1)!.ms + QUIET_MS, acts[0]!.ms + OLDEST_MS)

/** Only adjacent acts of one record and one operation fold. Times and id are the last one's, base the first one's. */
export function fold(entries: readonly Entry[], operations: Operations): Folded[] {
  const folded: (Folded & { size: number })[] = []
  for (const { n, act } of entries) {
    const size = JSON.stringify(act).length
    const before = folded.at(-1)
    const together = operations[act.op]?.fold
    if (before && together && before.act.op === act.op && before.act.entity === act.entity && before.size + size < FOLDED_BYTES) {
      const blobs = [...new Set([...before.act.blobs, ...act.blobs])]
      const deps = [...new Set([...(before.act.deps ?? []), ...(act.deps ?? [])])]
      before.act = { ...act, base: before.act.base, args: together(before.act.args, act.args), blobs, deps }
      before.from.push(n)
      before.size += size
    } else {
      folded.push({ act, from: [n], size })
    }
  }
  return folded
}
