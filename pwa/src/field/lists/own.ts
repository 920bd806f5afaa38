/** Lists that nobody's roll asks for: made for my post or role, begun when I go round, train or look myself over. */
import type { FormRow, MineRow, SubmissionRow } from '../ports'

/** In the order in which they are shown; the server allows these and no others. */
export const OWN_KINDS = ['quiz', 'patrol', 'sweep', 'drill', 'scorecard', 'register', 'acceptance'] as const
export type OwnKind = (typeof OWN_KINDS)[number]

/** Of the lists on this phone those that I may begin at a mine, by kind. Where somebody nearer to the mine adapted one, his stands in its place. */
export function ownLists(forms: readonly FormRow[], mine: Pick<MineRow, 'kind'>): { kind: OwnKind; lists: FormRow[] }[] {
  const inForce = forms.filter(({ retired, recalled }) => !retired && !recalled)
  const adapted = new Set(inForce.map(({ base }) => base))
  const mine_type = mine.kind as never
  const fit = inForce.filter(({ key, definition }) => !adapted.has(key) && (definition.applies_to?.mine_types?.includes(mine_type) ?? true))
  return OWN_KINDS.map((kind) => ({ kind, lists: fit.filter((form) => form.kind === kind).sort((one, other) => one.key.localeCompare(other.key)) })).filter(({ lists }) => lists.length > 0)
}

/** Mine that are not signed yet, and those signed since a moment; the newest first. */
export function ownSubmissions(submissions: readonly SubmissionRow[], me: string, since: string): { open: SubmissionRow[]; done: SubmissionRow[] } {
  const own = submissions.filter(({ task, visit, person }) => task === null && visit === null && person === me).sort((one, other) => Date.parse(other.opened_at) - Date.parse(one.opened_at))
  return { open: own.filter(({ state }) => state === 'draft'), done: own.filter(({ signed_at }) => signed_at !== null && Date.parse(signed_at) >= Date.parse(since)) }
}
