/**
 * What an operation does to the rows that this phone shows, before the server has spoken.
 *
 * The store lays these over its copy of the server's rows, so that a screen shows the outcome at once, with or
 * without a network. They say nothing of rights: a move that the server refuses comes back as a rejection, and
 * the next rows from the server replace what stands here. `ver` stays: only the server counts versions.
 */
// Not through the engine's door: the app starts without the engine.
import { plan } from '@/forms/move'
import { HAZARD, VISIT } from '@/shared/tables'
import type { Collections, HazardEventRow, HazardRow, Operation, Operations, Plan } from './ports'
import { answered } from './said'

export type Put = { [C in keyof Collections]: { collection: C; row: Collections[C] } }[keyof Collections]

/** id: of the act, for the one row that it may make beside its own. */
export interface Surroundings {
  get<C extends keyof Collections>(collection: C, id: string): Collections[C] | undefined
  me: { id: string; name: string }
  now: string
  id: string
  /** It came in a colleague's part. */
  part?: boolean
}

export interface Effect<O extends Operation> {
  /** Of the record that it is done to. */
  collection: keyof Collections
  /** The collections that `put` looks into. */
  reads: readonly (keyof Collections)[]
  put(entity: string, args: Operations[O], around: Surroundings): Put[]
  /** Two successive ones on one record as one. */
  fold?(earlier: Operations[O], later: Operations[O]): Operations[O]
}

const PLAN = ['person', 'measures', 'funds', 'deadline', 'contingency'] as const

export const effects: { [O in Operation]: Effect<O> } = {
  'submission.begin@1': {
    collection: 'submission',
    reads: ['submission', 'task'],
    // One that is there already (a visit's, or one that the server has) is not begun anew; its paper may come later.
    put: (id, { paper, ...args }, { get, me }) => {
      const row = get('submission', id)
      const from_paper = paper ? { at: paper.at, photos: [...new Set([...(row?.from_paper?.photos ?? []), ...paper.photos])] } : null
      if (row) return from_paper && row.state === 'draft' ? [{ collection: 'submission', row: { ...row, from_paper } }] : []
      const asked = args.task ? (get('task', args.task)?.asked ?? null) : null
      return [{ collection: 'submission', row: { id, ver: 0, person: me.id, asked, answers: {}, kept: {}, from_paper, state: 'draft', signed_at: null, signatures: {}, ...args } }]
    },
  },

  'submission.answer@1': {
    collection: 'submission',
    reads: ['submission'],
    put: (id, { answers }, { get, me, part = false }) => {
      const row = get('submission', id)
      return row ? [{ collection: 'submission', row: answered(row, answers, me.id, part) }] : []
    },
    fold: (earlier, later) => ({ answers: { ...earlier.answers, ...later.answers } }),
  },

  'submission.move@1': {
    collection: 'submission',
    reads: ['submission', 'form'],
    put: (id, { form, limits }, { get }) => {
      const row = get('submission', id)
      const [old, now] = [row && get('form', row.form), get('form', form)]
      if (!row || !old || !now || row.form === form) return []
      const { carried, kept, added } = plan(old.definition, now.definition, row.answers)
      const aside = Object.fromEntries(Object.entries(kept).map(([key, { answer, why }]) => [key, { answer, form: old.id, why }]))
      const due = row.asked && new Set([...row.asked, ...added])
      const asked = due && now.definition.sections.flatMap(({ items }) => items.map(({ id: item }) => item)).filter((item) => due.has(item))
      return [{ collection: 'submission', row: { ...row, form, limits, asked, answers: carried, kept: { ...row.kept, ...aside } } }]
    },
  },

  'submission.sign@1': {
    collection: 'submission',
    reads: ['submission', 'visit', 'task'],
    put: (id, signature, { get, me }) => {
      const row = get('submission', id)
      if (!row) return []
      const visit = row.visit ? get('visit', row.visit) : undefined
      const signatures = { ...row.signatures, [visit ? `officer:${me.id}` : 'filler']: signature }
      // A visit's sheet is closed when the last of the team has signed.
      const all = !visit || visit.team.every(({ user }) => `officer:${user}` in signatures)
      const task = row.task ? get('task', row.task) : undefined
      return [
        { collection: 'submission', row: { ...row, signatures, ...(all && { state: 'signed' as const, signed_at: signature.at }) } },
        ...(task ? [{ collection: 'task' as const, row: { ...task, state: 'done' as const } }] : []),
      ]
    },
  },

  'hazard.report@1': {
    collection: 'hazard',
    reads: [],
    put: (id, args, around) => {
      const officer = args.visit !== null
      const row: HazardRow = {
        id, ver: 0, severity: 'general', found_by: officer ? 'officer' : 'mine', state: officer ? 'confirmed' : 'reported',
        reporter: around.me.id, plan: {}, photos_after: [], doers: {}, ...args,
      }
      return [{ collection: 'hazard', row }, event(row, 'report', null, { photos: args.photos }, around)]
    },
  },

  'hazard.move@1': {
    collection: 'hazard',
    reads: ['hazard'],
    put: (id, { act, evidence }, around) => {
      const row = around.get('hazard', id)
      const move = HAZARD.moves.find((one) => one.act === act && one.from === row?.state)
      if (!row || !move) return []
      const moved: HazardRow = { ...row, state: move.to, doers: { ...row.doers, [act]: around.me.id } }
      if (act === 'assign') moved.plan = Object.fromEntries(PLAN.flatMap((name) => (evidence[name] === undefined ? [] : [[name, evidence[name]]]))) as Plan
      if (act === 'rectify') moved.photos_after = evidence.photos ?? []
      if (act === 'reopen') Object.assign(moved, { plan: {}, photos_after: [] })
      return [{ collection: 'hazard', row: moved }, event(moved, act, row.state, evidence, around)]
    },
  },

  'visit.move@1': {
    collection: 'visit',
    reads: ['visit', 'submission'],
    put: (id, { act: done, evidence }, { get, me }) => {
      const row = get('visit', id)
      const { at, representative, findings = [] } = evidence
      // Both officers explained, each without a network: what the mine signed for second adds to the first, as at the server.
      const act = done === 'explain' && row?.explained_at && findings.length > 0 ? 'supplement' : done
      const move = VISIT.moves.find((one) => one.act === act && one.from === row?.state)
      if (!row || !move) return []
      const sheet = get('submission', row.submission)
      return [
        {
          collection: 'visit',
          row: {
            ...row,
            state: move.to as typeof row.state,
            ...(act === 'open' && { opened_at: at, place: evidence.place ?? null }),
            ...(act === 'explain' && representative && { explained_at: at, representative, findings }),
            ...(act === 'supplement' && representative && { supplements: [...(row.supplements ?? []), { at, by: me.id, findings, representative }] }),
          },
        },
        ...(sheet && evidence.limits ? [{ collection: 'submission' as const, row: { ...sheet, limits: evidence.limits } }] : []),
      ]
    },
  },

  'document.issue@1': {
    collection: 'document',
    reads: ['visit', 'number_block', 'document'],
    put: (id, { kind, visit, block, n, data, data_hash, cites = [], supersedes = null }, { get, now }) => {
      const held = get('number_block', block)
      const before = supersedes ? get('document', supersedes) : undefined
      return [
        {
          collection: 'document',
          row: { id, ver: 0, kind, number: String(data.number), mine: get('visit', visit)?.mine ?? '', visit, state: 'issued', data, data_hash, issued_at: now, pdf: null, pages: null, cites, supersedes },
        },
        ...(before ? [{ collection: 'document' as const, row: { ...before, state: 'superseded' } }] : []),
        ...(held ? [{ collection: 'number_block' as const, row: { ...held, next: Math.max(held.next, n + 1) } }] : []),
      ]
    },
  },
}

function event(row: HazardRow, act: string, from: string | null, evidence: HazardEventRow['evidence'], { me, now, id }: Surroundings): Put {
  return {
    collection: 'hazard_event',
    row: { id, ver: 0, hazard: row.id, act, from, to: row.state, by: me.id, by_name: me.name, at_device: now, at_corrected: null, at_server: null, evidence },
  }
}
