/** How far things are, what is in conflict, what came back: with the words that a person knows his records by. */
import { computed, shallowRef, watch } from 'vue'
import type { ConflictRecord, Engine, RecordState, RejectedRecord } from '@/sync'
import type { Answer } from '@/forms/types'
import { DOCUMENTS, HAZARD, stateOf, VISIT } from '@/shared/tables'
import { say, t } from '../i18n'
import type { Conflict, ConflictSide, Store, UnsentRecord } from '../ports'
import { follow } from './live'
import { rejection, whyNot, worded } from './problems'

/** As the server tells of it: the value shown until somebody decides, and the other. */
interface Clash { field: string; shown: unknown; other: unknown }
interface ServerConflict { id: string; clashes: Clash[] }

/** At the server, though not as he wants it: told of among the conflicts and what came back. */
const ARRIVED: readonly RecordState[] = ['conflict', 'rejected']

/** What was done to a record after something was rejected is rejected for that: the first reason is the one to know. */
function firstOfEach(rejected: readonly RejectedRecord[] | undefined): RejectedRecord[] | undefined {
  return rejected && [...new Map([...rejected].reverse().map((one) => [one.entity, one])).values()].reverse()
}

const kindOf = (op: string) => op.slice(0, op.indexOf('.')) as UnsentRecord['kind']

export function openRecords(engine: Engine, rows: Store['rows']): Pick<Store, 'unsent' | 'conflicts' | 'rejected' | 'resolve'> {
  const [unsent, conflicts, rejected] = [follow(engine.unsent), follow(engine.conflicts), follow(engine.rejected)]
  const [submissions, forms, hazards, visits, mines, people] = [rows('submission'), rows('form'), rows('hazard'), rows('visit'), rows('mine'), rows('person')]

  // Both values stand at the server; without a network only the one that is shown is known here.
  const told = shallowRef<ServerConflict[]>([])
  watch(conflicts, async (now) => {
    if (now?.length) told.value = await engine.http.json<ServerConflict[]>({ method: 'GET', path: '/sync/conflicts' }).catch(() => told.value)
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

  /** An answer by its result and reading, with who gave it; a state by its word. */
  function sideOf(value: unknown, op: string): ConflictSide {
    if (typeof value === 'string') return { text: say(stateOf(op.startsWith('visit.') ? VISIT : HAZARD, value)), by: null, at: null }
    const { result, value: reading, note, by, at } = (value ?? {}) as Answer
    const text = [result && t(`result.${result}`), reading, note].filter((part) => part !== undefined && part !== '').join(' · ')
    return { text: text || '—', by: people.value?.find(({ user }) => user === by)?.name ?? null, at: at ?? null }
  }

  function inWords({ id, op, entity, args, fields }: ConflictRecord): Conflict[] {
    const known = told.value.find((one) => one.id === id)
    return fields.map((field) => {
      const clash = known?.clashes.find((one) => one.field === field)
      const item = field.startsWith('answers/') ? field.slice('answers/'.length) : null
      const asked = definitionOf(entity)?.sections.flatMap(({ items }) => items).find((one) => item !== null && one.id === item.split('@')[0])
      const here = item ? submissions.value?.find((row) => row.id === entity)?.answers[item] : hazards.value?.find((row) => row.id === entity)?.state
      return { id, entity, title: titleOf(op, entity, args), field: asked ? say(asked.text) : field, shown: sideOf(clash ? clash.shown : here, op), other: clash ? sideOf(clash.other, op) : null }
    })
  }

  return {
    unsent: computed(() => unsent.value?.filter(({ status }) => !ARRIVED.includes(status.state)).map(({ entity, op, at, status }) => (
      { entity, kind: kindOf(op), title: titleOf(op, entity), at, status: { ...status, problem: whyNot(status) } }
    ))),
    conflicts: computed(() => conflicts.value?.flatMap(inWords)),
    rejected: computed(() => firstOfEach(rejected.value)?.map(({ id, op, entity, args, at, problem }) => ({ id, title: titleOf(op, entity, args), at, problem: rejection(problem) }))),
    async resolve(conflict, keep, reason) {
      await worded(() => engine.http.json({ method: 'POST', path: `/sync/conflicts/${conflict}/resolve`, body: { keep, reason } }))
      await engine.sendNow()
    },
  }
}
