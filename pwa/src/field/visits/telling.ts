/** What the mine was told of, and when: at the explanation, and of what reached the team after it. */
import type { DocumentRow, HazardRow, Representative, VisitRow } from '../ports'

/** at: when. hazards: what it was told of then and not before, as far as it is on this phone; missing: how many are not. */
export interface Telling { at: string; representative: Representative; hazards: HazardRow[]; missing: number }

/** The explanation, then each supplement; none before the visit is explained. */
export function tellings(visit: VisitRow, hazards: readonly HazardRow[]): Telling[] {
  if (!visit.explained_at) return []
  const first = { at: visit.explained_at, representative: visit.representative as Representative, findings: visit.findings ?? hazards.map(({ id }) => id) }
  const left = new Set(hazards)
  return [first, ...(visit.supplements ?? [])].map(({ at, representative, findings }) => {
    const now = [...left].filter(({ id }) => findings.includes(id))
    now.forEach((hazard) => left.delete(hazard))
    const missing = findings.filter((id) => !hazards.some((hazard) => hazard.id === id)).length
    return { at, representative, hazards: now, missing }
  })
}

/** What came after the explanation and that nobody has told the mine of. */
export function untold(visit: VisitRow, hazards: readonly HazardRow[]): HazardRow[] {
  const told = tellings(visit, hazards)
  return told.length ? hazards.filter((hazard) => !told.some((one) => one.hazards.includes(hazard))) : []
}

/** The papers of a kind that hold and that came of the n-th telling. One that cites nothing came of the explanation. */
export function papersOf(documents: readonly DocumentRow[], told: readonly Telling[], kind: string, n: number): DocumentRow[] {
  const cameOf = ({ cites = [] }: DocumentRow) => Math.max(0, told.findIndex(({ hazards }) => hazards.some(({ id }) => cites.includes(id))))
  return documents.filter((row) => row.kind === kind && row.state !== 'superseded' && cameOf(row) === n)
}
