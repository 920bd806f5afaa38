/** What a tap costs: it is felt at every answer of every list, on the slowest phone of the shift. */
import { IDBIndex, IDBObjectStore } from 'fake-indexeddb'
import { afterEach, expect, it } from 'vitest'
import type { Engine } from './index'
import { answer, begin, DRILLER, enrolled, now, OTHER_SHEET, SHEET, sign, world } from './testing/world'

const READS = ['get', 'getAll', 'getAllKeys', 'getKey', 'count', 'openCursor', 'openKeyCursor'] as const
const whole = [IDBObjectStore, IDBIndex].map(({ prototype }) => [prototype, Object.fromEntries(READS.map((name) => [name, prototype[name]]))] as const)
afterEach(() => whole.forEach(([prototype, real]) => Object.assign(prototype, real)))

/** How often the databases are read while the work is done and what it set off has come to rest; and how many records that gave. */
async function readsOf(work: () => Promise<unknown>): Promise<{ reads: number; records: number }> {
  let [reads, records] = [0, 0]
  for (const [prototype, real] of whole) {
    Object.assign(prototype, Object.fromEntries(READS.map((name) => [name, function (this: object, ...given: unknown[]) {
      reads++
      const request = (real[name] as (...given: unknown[]) => IDBRequest).apply(this, given)
      request.addEventListener('success', () => (records += Array.isArray(request.result) ? request.result.length : 1))
      return request
    }])))
  }
  await work()
  for (let before = -1; before !== reads;) {
    before = reads
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { reads, records }
}

/** What the screens of the app look at while a list is filled. */
function screens(engine: Engine): void {
  const looked = [engine.users, engine.current, engine.state, engine.unsent, engine.conflicts, engine.rejected, engine.lastSync, engine.storage, engine.rows('sheet'), engine.row('sheet', SHEET), engine.status(SHEET)]
  for (const live of looked) live.subscribe(() => {})
}

/** A driller in the middle of his shift: forty records of the day are at the server, a list is open. */
async function midShift(): Promise<Engine> {
  const w = await world()
  const { phone, engine: first } = await enrolled(w)
  for (let n = 0; n < 40; n++) await begin(first, `00000000-0000-7000-8000-0000000003${n.toString().padStart(2, '0')}`)
  await first.sendNow()
  first.close()
  const engine = await phone.tab(() => () => {})
  await engine.unlock(DRILLER, '1234')
  screens(engine)
  await begin(engine)
  await begin(engine, OTHER_SHEET)
  await engine.sendNow()
  await answer(engine, 'I0', 'pass')
  await readsOf(async () => {})
  return engine
}

it('an answer reads its own record, however much else lies on the phone', async () => {
  const engine = await midShift()
  const { reads, records } = await readsOf(() => answer(engine, 'I1', 'pass'))
  expect(reads).toBeLessThanOrEqual(6)
  expect(records).toBeLessThanOrEqual(10)
  engine.close()
})

it('and everything that shows how far things are is right after it', async () => {
  const engine = await midShift()
  await answer(engine, 'I1', 'pass')
  await answer(engine, 'I1', 'pass', OTHER_SHEET)
  await readsOf(async () => {})
  const unsent = (await now(engine.unsent)).map(({ entity, op, status }) => `${entity} ${op} ${status.state}`)
  expect(unsent.sort()).toEqual([`${SHEET} sheet.answer@1 local`, `${OTHER_SHEET} sheet.answer@1 local`].sort())
  expect((await now(engine.users)).map((one) => one.unsent)).toEqual([2])
  expect((await now(engine.status(SHEET)))!.state).toBe('local')
  await sign(engine)
  expect((await now(engine.unsent)).map(({ op }) => op)).toContain('sheet.sign@1')
  await readsOf(async () => {})
  engine.close()
})
