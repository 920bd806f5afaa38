/** The field app's ports on the sync engine. */
import { computed } from 'vue'
import { openEngine, SyncError, type Engine, type Json } from '@/sync'
import { stamp } from '@/shared/when'
import { version } from '../../../package.json'
import { language } from '../i18n'
import type { Collections, Live, Ports, RecordStatus, Store } from '../ports'
import { openBoard } from './board'
import { follow } from './live'
import { operations } from './operations'
import { problemOf, refusalOf, whyNot, worded } from './problems'
import { openRecords } from './records'
import { openSession } from './session'
import { openTeam } from './team'

/** Nothing was done to it here: it is the server's own. */
const DELIVERED: RecordStatus = { state: 'delivered', photosDone: 0, photosTotal: 0, problem: null }

/** Opens this phone's databases; the ports live as long as the page. */
export async function openPorts(): Promise<Ports> {
  const engine = await openEngine({ client: `field/${version}`, operations, language: () => language.value })
  const session = openSession(engine)
  const store = openStore(engine)
  return { session, store, board: openBoard(engine, session, store.rows) }
}

function openStore(engine: Engine): Store {
  const state = follow(engine.state)
  const heard = follow(engine.lastSync)
  const carried = follow(engine.carried)

  const rows: Store['rows'] = <C extends keyof Collections>(collection: C, where: Partial<Collections[C]> = {}) => {
    const all = follow(engine.rows(collection)) as unknown as Live<readonly Collections[C][] | undefined>
    const wanted = Object.entries(where) as [keyof Collections[C], unknown][]
    return computed(() => (wanted.length ? all.value?.filter((row) => wanted.every(([column, value]) => row[column] === value)) : all.value))
  }

  return {
    rows,
    row: <C extends keyof Collections>(collection: C, id: string) => follow(engine.row(collection, id)) as unknown as Live<Collections[C] | null | undefined>,
    newId: () => engine.newId(),
    // A list that a screen watches is a proxy, and IndexedDB takes none.
    act: (op, entity, args, { blobs = [], barrier = false } = {}) => worded(() => engine.act(op, entity, args as unknown as Json, { blobs: [...blobs], barrier })),
    savePhoto: (bytes, facts) => worded(() => engine.savePhoto(facts.sha, { bytes, type: 'image/jpeg', facts })),
    // What is not here is asked for where there is a network; a picture that cannot be had is no fault of the screen's.
    blob: async (sha) => (await engine.photo(sha)) ?? engine.fetchPhoto(sha).catch(() => null),
    draft: (key) => engine.draft(key),
    saveDraft: (key, value) => worded(() => engine.saveDraft(key, value).catch(unlessFull)),
    status(entity) {
      const status = follow(engine.status(entity))
      return computed(() => (status.value ? { ...status.value, problem: whyNot(status.value) } : status.value === null ? DELIVERED : undefined))
    },
    ...openRecords(engine, rows),
    lastSync: computed(() => (typeof heard.value === 'number' ? stamp(new Date(heard.value)) : heard.value)),
    received: () => follow(engine.received),
    trouble: computed(() => {
      const { storageFull = false, database = 'ready' } = state.value ?? {}
      const code = database !== 'ready' ? `database.${database}` : storageFull ? 'storage.none_left' : null
      return code === null ? null : problemOf({ code, params: {} })
    }),
    refusal: computed(() => (state.value?.problem && state.value.network === 'online' ? refusalOf(state.value.problem) : null)),
    sending: computed(() => state.value?.sending ?? false),
    storage: follow(engine.storage),
    persist: () => engine.persist(),
    sendNow: () => worded(() => engine.sendNow()),
    exportUnsent: () => worded(() => engine.exportUnsent()),
    carried: computed(() => carried.value?.map(({ state, at, problem, ...rest }) => (
      { ...rest, at: stamp(new Date(at)), state: state === 'handed in' ? 'delivered' as const : state, problem: problem && problemOf(problem) }
    ))),
    takeIn: (text) => worded(() => engine.takeIn(text)),
    exportReceipts: () => worded(() => engine.exportReceipts()),
    team: openTeam(engine),
  }
}

/** A draft that found no room is no fault of the screen's: `trouble` says it on every one. */
function unlessFull(error: unknown): void {
  if (!(error instanceof SyncError && error.code === 'storage.full')) throw error
}
