/**
 * What of a visit its team exchanges underground, and how a row of the server's shows that it arrived.
 *
 * Papers stay with the phone whose number they take. That the visit was opened and what the mine was told is shown to a
 * colleague, who goes on from there; closing and cancelling are not, for nobody goes on from them underground.
 */
import type { Answer } from '@/forms/types'
import type { Collections, HazardRow, Operation, Operations, SubmissionRow, VisitRow } from './ports'

type Get = <C extends keyof Collections>(collection: C, id: string) => Collections[C] | undefined

interface Sharing<O extends Operation, R> {
  /** The visit that it belongs to; null where that is not on this phone, or it belongs to none. */
  visit(entity: string, args: Operations[O], get: Get): string | null
  reached(args: Operations[O], row: R, user: string): boolean
}

const known = (visit: string | null | undefined, get: Get): string | null => (visit && get('visit', visit) ? visit : null)
/** The server corrects the time of an answer by the phone's clock: what he says tells more. */
const isSame = ({ result, value, note }: Answer, other: Answer) => result === other.result && value === other.value && note === other.note
const moment = ({ at }: Answer) => Date.parse(at ?? '')
const GONE_ON_FROM = ['open', 'explain', 'supplement']
const ofSubmission = (id: string, _: unknown, get: Get) => known(get('submission', id)?.visit, get)

export const sharing = {
  'submission.answer@1': {
    visit: ofSubmission,
    // A mutation is taken as a whole: one of its answers there, or a later one of his in its place, tells of all. Where
    // somebody else said all of it before him, his own shows nowhere, and is not missed.
    reached: ({ answers }, row, user) => {
      const given = Object.entries(answers).map(([key, one]) => ({ one, there: row.answers[key] }))
      const his = ({ one, there }: (typeof given)[0]) => (one ? there?.by === user && (isSame(there, one) || moment(there) >= moment(one)) : there === null)
      const said = ({ one, there }: (typeof given)[0]) => !!one && !!there && isSame(there, one)
      return given.some(his) || given.every(said)
    },
  } satisfies Sharing<'submission.answer@1', SubmissionRow>,
  'submission.sign@1': {
    visit: ofSubmission,
    reached: (_, row, user) => `officer:${user}` in row.signatures,
  } satisfies Sharing<'submission.sign@1', SubmissionRow>,
  'hazard.report@1': {
    visit: (_, args, get) => known(args.visit, get),
    reached: () => true,
  } satisfies Sharing<'hazard.report@1', HazardRow>,
  'hazard.move@1': {
    visit: (id, _, get) => known(get('hazard', id)?.visit, get),
    reached: ({ act, seen }, row, user) => row.ver > seen && row.doers[act] === user,
  } satisfies Sharing<'hazard.move@1', HazardRow>,
  'visit.move@1': {
    visit: (id, { act }, get) => (GONE_ON_FROM.includes(act) ? known(id, get) : null),
    // Whoever opened it, it is open; of a telling, the row must tell of each finding, be it as the first or a later one.
    reached: ({ act, evidence }, row) => {
      if (act === 'open') return row.opened_at !== null
      const told = new Set([row, ...(row.supplements ?? [])].flatMap(({ findings = [] }) => findings))
      return row.explained_at !== null && (evidence.findings ?? []).every((finding) => told.has(finding))
    },
  } satisfies Sharing<'visit.move@1', VisitRow>,
}
