/** What somebody put right at the desk before it took effect: its author is told how, until he has seen it. */
import { beforeEach, expect, it } from 'vitest'
import type { Mended } from './envelope'
import type { Engine } from './index'
import { begin, DRILLER, enrolled, HAZARD, now, SHEET, world, type World } from './testing/world'

const MENDED: Mended = { by: '沈试行', reason: '打字重复', changes: [{ at: '/what', was: 'loose loose rock', now: 'loose rock' }] }
const TOLD = { entity: HAZARD, op: 'hazard.report@1', args: { what: 'loose loose rock' }, mended: MENDED }
let w: World
let engine: Engine

beforeEach(async () => {
  w = await world();
  ({ engine } = await enrolled(w))
  w.server.refuse = () => 'request.invalid'
  await engine.act('hazard.report@1', HAZARD, { what: 'loose loose rock' }, { barrier: true })
  await engine.tick()
})

function putRight() {
  const stored = [...w.server.state.stored.values()][0]!
  w.server.put('hazard', HAZARD, 'mine:1', { what: 'loose rock' })
  stored.result = { ...stored.result, status: 'applied', ver: 1, problem: null, mended: MENDED }
}

it('is told with who, why, what it was and what it is now, and no longer once he has seen it', async () => {
  expect(await now(engine.mended)).toEqual([])
  putRight()
  await engine.tick({ eager: true })
  expect(await now(engine.rejected)).toEqual([])
  expect(await now(engine.mended)).toMatchObject([TOLD])
  expect((await now(engine.status(HAZARD)))!.state).toBe('delivered')
  expect(await now(engine.row('hazard', HAZARD))).toMatchObject({ what: 'loose rock' })
  await engine.readMended((await now(engine.mended))[0]!.id)
  expect(await now(engine.mended)).toEqual([])
  await engine.tick({ eager: true })
  expect(await now(engine.mended)).toEqual([])
})

it('is told when he is back, though the answer came while he was locked', async () => {
  w.server.refuse = () => null
  await begin(engine)
  await engine.lock()
  putRight()
  await engine.tick({ eager: true })
  expect(w.server.row('sheet', SHEET)).toBeDefined()
  await engine.unlock(DRILLER, '1234')
  await engine.tick({ eager: true })
  expect(await now(engine.mended)).toMatchObject([TOLD])
})
