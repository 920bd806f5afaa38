/** A server that was restored from a backup gets back what phones keep, also what nobody on the phone stands for any more. */
import { beforeEach, expect, it } from 'vitest'
import { answer, begin, BLASTER, DRILLER, enrolled, now, SHEET, world, type World } from './testing/world'

let w: World
beforeEach(async () => {
  w = await world()
})

it('the work of a vault whose PIN was forgotten, once anybody on the phone hears of it', async () => {
  const { phone, engine } = await enrolled(w)
  await engine.tick({ eager: true })
  const backup = w.server.backup()
  await begin(engine)
  await engine.sendNow()
  expect(w.server.row('sheet', SHEET)).toBeDefined()
  await engine.addUser({ user: DRILLER, label: null, profile: null }, '5678')
  await engine.tick({ eager: true })
  w.server.restore(backup)
  w.forward(400_000)
  await engine.lock()
  engine.close()
  const { engine: blaster } = await enrolled(w, phone, BLASTER)
  await blaster.tick({ eager: true })
  expect(w.server.row('sheet', SHEET)).toBeDefined()
})

it('the work of an enrolment that has ended since, under the one that took its place', async () => {
  const { engine } = await enrolled(w)
  const backup = w.server.backup()
  await begin(engine)
  await answer(engine, 'I1', 1)
  await engine.sendNow()
  w.server.lost.add([...w.server.state.devices.keys()][0]!)
  await engine.tick({ eager: true })
  engine.signedIn()
  await engine.sendNow()
  w.server.restore(backup)
  w.server.lost.clear()
  await engine.sendNow()
  await engine.sendNow()
  expect(w.server.row('sheet', SHEET)).toMatchObject({ answers: { I1: 1 } })
  expect([await now(engine.unsent), (await now(engine.state)).diverged]).toEqual([[], []])
})
