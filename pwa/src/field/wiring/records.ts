/** How far things are, what is in conflict, what came back: with the words that a person knows his records by. */
import { computed, shallowRef, watch } from 'vue'
import type { ConflictRecord, Engine, RecordState, RejectedRecord } from '@/sync'
import type { Answer } from '@/forms/types'
import { DOCUMENTS, HAZARD, stateOf, VISIT } from '@/shared/tables'
import { dayTime } from '@/shared/when'
import { say, t } from '../i18n'
import type { Conflict, ConflictSide, Store, UnsentRecord } from '../ports'
import { follow } from './live'
import { fieldWord, rejection, whyNot, worded } from './problems'

/** As the server tells of it: of each field the value shown until somebody decides, and the other. */
interface ServerSide { value: unknown; by: { name: string } | null; at: string | null; photos: string[]; note: string | null }
interface ServerConflict { id: string; sides: { field: string; shown: ServerSide; other: ServerSide }[] }

/** At the server, though not as he wants it: told of among the conflicts and what came back. */
const ARRIVED: readonly RecordState[] = ['conflict', 'rejected']

/** What was done to a record after something was rejected is rejected for that: the first reason is the one to know. */
function firstOfEach(rejected: readonly RejectedRecord[] | undefined): RejectedRecord[] | undefined {
  return rejected && [...new Map([...rejected].reverse().map((one) => [one.entity, one])).values()].reverse()
}

const joined = (parts: readonly unknown[]) => parts.filter((part) => part !== undefined && part !== null && part !== '').join(' · ')
/** A plain value as a person reads it: a moment by his clock. */
function plain(value: unknown): string {
  if (typeof value === 'boolean') return t(value ? 'common.yes' : 'common.no')
  const text = value === null || value === undefined ? '' : String(value)
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? dayTime(text) : text || t('result.open')
}
const kindOf = (op: string) => op.slice(0, op.indexOf('.')) as UnsentRecord['kind']

export function openRecords(engine: Engine, rows: Store['rows']): Pick<Store, 'unsent' | 'conflicts' | 'rejected' | 'mended' | 'readMended' | 'resolve'> {
  const [unsent, conflicts, rejected, mended] = [follow(engine.unsent), follow(engine.conflicts), follow(engine.rejected), follow(engine.mended)]
  const [submissions, forms, hazards, visits, mines, people] = [rows('submission'), rows('form'), rows('hazard'), rows('visit'), rows('mine'), rows('person')]

  // Both values stand at the server; without a network only the one that is shown is known here.
  const told = shallowRef<ServerConflict[]>([])
  watch(conflicts, async (now) => {
    const known = told.value
    const found = await Promise.all((now ?? []).map(({ id }) => (
      engine.http.json<ServerConflict>({ method: 'GET', path: `/sync/conflicts/${id}` }).catch(() => known.find((one) => one.id === id))
    )))
    told.value = found.filter((one) => one !== undefined)
  })

  function definitionOf(submission: string) {
    const form = submissions.value?.find(({ id }) => id === submission)?.form
    return forms.value?.find(({ id }) => id === form)?.definition
  }

  /** From the record's row or, where that is gone, from what was sent. */
  function titleOf(op: string, entity: string, args: Record<string, unknown> = {}): string {
    const kind = kindOf(op)
    const definition = kind === 'submission' ? definitionOf(entity) : undefined
    if (definition) return say(definition.title)
    if (kind === 'hazard') return hazards.value?.find(({ id }) => id === entity)?.what ?? (typeof args.what === 'string' ? args.what : t('record.hazard'))
    const mine = kind === 'visit' ? visits.value?.find(({ id }) => id === entity)?.mine : undefined
    const document = typeof args.kind === 'string' ? DOCUMENTS[args.kind] : undefined
    return mines.value?.find(({ id }) => id === mine)?.name ?? (document ? say(document) : t(`record.${kind}`))
  }

  /** An answer by its result and reading, a state by its word; with who gave it, when, and its photos. */
  function sideOf(value: unknown, op: string): ConflictSide {
    if (typeof value === 'string') return { text: say(stateOf(op.startsWith('visit.') ? VISIT : HAZARD, value)), by: null, at: null, photos: [] }
    const { result, value: reading, note, by, at, photos = [] } = (value ?? {}) as Answer
    return { text: joined([result && t(`result.${result}`), reading, note]) || '—', by: people.value?.find(({ user }) => user === by)?.name ?? null, at: at ?? null, photos }
  }

  /** The same as the server tells of it: it knows also who moved a state, and with which photos. */
  function toldSide(side: ServerSide, op: string): ConflictSide {
    const { text, by, at } = sideOf(side.value, op)
    const words = typeof side.value === 'string' ? joined([text, side.note]) : text
    return { text: words, by: side.by?.name ?? by, at: side.at ?? at, photos: side.photos }
  }

  function inWords({ id, op, entity, args, fields }: ConflictRecord): Conflict[] {
    const known = told.value.find((one) => one.id === id)
    return fields.map((field) => {
      const clash = known?.sides.find((one) => one.field === field)
      const item = field.startsWith('answers/') ? field.slice('answers/'.length) : null
      const asked = definitionOf(entity)?.sections.flatMap(({ items }) => items).find((one) => item !== null && one.id === item.split('@')[0])
      const here = item ? submissions.value?.find((row) => row.id === entity)?.answers[item] : hazards.value?.find((row) => row.id === entity)?.state
      return { id, entity, title: titleOf(op, entity, args), field: asked ? say(asked.text) : field, shown: clash ? toldSide(clash.shown, op) : sideOf(here, op), other: clash ? toldSide(clash.other, op) : null }
    })
  }

  return {
    unsent: computed(() => unsent.value?.filter(({ status }) => !ARRIVED.includes(status.state)).map(({ entity, op, at, status }) => (
      { entity, kind: kindOf(op), title: titleOf(op, entity), at, status: { ...status, problem: whyNot(status) } }
    ))),
    conflicts: computed(() => conflicts.value?.flatMap(inWords)),
    rejected: computed(() => firstOfEach(rejected.value)?.map(({ id, op, entity, args, at, problem }) => ({ id, title: titleOf(op, entity, args), at, problem: rejection(problem) }))),
    mended: computed(() => mended.value?.map(({ id, op, entity, args, at, mended: { by, reason, changes } }) => ({
      id, title: titleOf(op, entity, args), at, by, reason, changes: changes.map((one) => ({ field: fieldWord(one.at), was: plain(one.was), now: plain(one.now) })),
    }))),
    readMended: (id) => engine.readMended(id),
    async resolve(conflict, keep, reason) {
      await worded(() => engine.http.json({ method: 'POST', path: `/sync/conflicts/${conflict}/resolve`, body: { keep, reason } }))
      await engine.sendNow()
    },
  }
}
