/**
 * What a visit's papers say, put together from its rows. Twin of backend/enforcement/drafts.py: same cases.
 * Keys are those of the templates' data, so that the server prints exactly what the officer saw and signed.
 */
import { recordHash } from '@/shared/hash'
import { day, minute } from '@/shared/when'
import type { BureauRow, HazardRow, MineRow, Representative, SignatureRecord, TeamMember, VisitRow } from '../ports'

export type Paper = Record<string, unknown>
/** By user id, as the phone took them. */
export type Signatures = Readonly<Record<string, SignatureRecord>>

/** What is told after the visit was explained. record: the number of the record that the paper adds to. at: when it was told. */
export interface Supplement { record: string; at: string; representative: Representative }

/** hazards: those that the paper cites. */
export interface Source {
  visit: VisitRow
  mine: MineRow
  bureau: BureauRow
  hazards: readonly HazardRow[]
  signatures: Signatures
  number: string
  verifyBase: string
  supplement?: Supplement | undefined
}

/** Data of 现场检查记录. The inspection of a supplement ended when it was explained, or with the last finding. */
export const inspectionRecord = (source: Source, endedAt: string): Paper => ({
  ...common(source),
  place: source.visit.place || source.mine.name,
  start: minute(source.visit.opened_at!),
  end: minute(source.supplement ? latest([source.visit.explained_at!, ...source.hazards.map((hazard) => hazard.reported_at)]) : endedAt),
  credentials_shown: true,
  findings: source.hazards.map(finding),
})

/** Data of 责令限期整改指令书. deadlines: by hazard id, local dates. */
export const rectifyOrder = (source: Source, issuedAt: string, deadlines: Readonly<Record<string, string>>): Paper => ({
  ...common(source),
  findings: source.hazards.map((hazard) => ({ ...finding(hazard), deadline: deadlines[hazard.id] })),
  remedies: source.bureau.remedies,
  issued_on: day(issuedAt),
})

const latest = (moments: string[]): string => moments.reduce((last, one) => (new Date(one) > new Date(last) ? one : last))

const common = ({ visit, mine, bureau, signatures, number, verifyBase, supplement }: Source): Paper => ({
  state: 'issued',
  bureau: { name: bureau.name, abbr: bureau.abbr },
  number,
  mine: { name: mine.name, address: mine.address, legal_person: mine.legal_person, position: mine.legal_person_position, phone: mine.phone },
  officers: visit.team.filter(({ role }) => role !== 'expert').map((member) => officer(member, signatures[member.user])),
  site_representative: representative(supplement?.representative ?? (visit.representative as Representative)),
  verify_base: verifyBase,
  ...(supplement && { supplement: { record: supplement.record, told: minute(supplement.at) } }),
})

const officer = (member: TeamMember, taken: SignatureRecord | undefined): Paper => ({
  name: member.name,
  certificate: member.certificate_no,
  valid_until: day(member.certificate_until!),
  ...(taken && { signature: signature(taken) }),
})

function representative({ name, position, signature: taken }: Representative): Paper {
  const { refused } = taken
  if (!refused) return { name, position, signature: signature(taken) }
  const witness = { ink: refused.witness_strokes, on: day(taken.at) }
  return { name, position, refusal: { reason: refused.reason, on: day(taken.at), witness: { name: refused.witness, signature: witness } } }
}

const signature = (taken: SignatureRecord): Paper => ({ ink: taken.strokes, on: day(taken.at) })

/** A hazard as the paper tells it. Photos stay in the case file: paper and stamp need none. */
const finding = (hazard: HazardRow): Paper => ({
  text: `${hazard.where ? `${hazard.where}：` : ''}${hazard.what}`,
  bases: hazard.basis.map(({ code, clause, verified }) => ({ code, clause: clause ?? null, verified: !!verified })),
  major: hazard.severity === 'major',
})

/** What officers sign and what the public page compares: the paper without its state, under its kind. */
export function dataHash(kind: string, data: Paper): string {
  // An undefined member is none at all.
  return recordHash({ kind, data: { ...data, state: undefined } }).replace('sha256:', '')
}
