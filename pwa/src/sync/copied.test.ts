/** A phone whose disk was copied, or set back: two that speak as one are told apart, and nothing is lost or doubled. */
import { beforeEach, describe, expect, it } from 'vitest'
import { openDatabases } from './db'
import { answer, begin, DRILLER, enrolled, now, Phone, SHEET, world, type World } from './testing/world'

let w: World
beforeEach(async () => {
  w = await world()
})

const devices = () => [...w.server.state.devices.keys()]
const opsOf = (device: string) => w.server.brought(device).map((entry) => ('op' in entry ? entry.op : 'void'))
const look = (phone: Phone) => openDatabases(phone.idb, () => {})

describe('a copy of the phone', () => {
  it('is found out: the second enrols anew and issues again what was not answered, nothing twice', async () => {
    const { phone, engine } = await enrolled(w)
    await begin(engine)
    await engine.sendNow()
    const snapshot = await copy(phone)
    await answer(engine, 'I1', 'first phone')
    await engine.sendNow()

    const twin = await snapshot.tab()
    await twin.unlock(DRILLER, '1234')
    await answer(twin, 'I2', 'second phone')
    await twin.sendNow()
    expect(devices()).toHaveLength(2)
    expect(w.server.row('sheet', SHEET)).toMatchObject({ answers: { I1: 'first phone', I2: 'second phone' } })
    expect(opsOf(devices()[0]!)).toEqual(['sheet.begin@1', 'sheet.answer@1'])
    expect(opsOf(devices()[1]!)).toEqual(['sheet.answer@1'])
    expect((await now(twin.status(SHEET)))!.state).toBe('delivered')
    expect(await now(twin.unsent)).toEqual([])
  })

  it('that has done nothing yet finds out too, before it takes the other’s answers for its own', async () => {
    const { phone, engine } = await enrolled(w)
    const snapshot = await copy(phone)
    await begin(engine)
    await engine.sendNow()
    const twin = await snapshot.tab()
    await twin.unlock(DRILLER, '1234')
    await twin.tick({ eager: true })
    expect(devices()).toHaveLength(2)
    await answer(twin, 'I2', 1)
    await twin.sendNow()
    expect(opsOf(devices()[1]!)).toEqual(['sheet.answer@1'])
  })
})

/** The disk of a phone, copied whole to another browser profile. */
async function copy(phone: Phone): Promise<Phone> {
  const twin = new Phone(w)
  const [from, to] = [await look(phone), await look(twin)]
  for (const table of from.text.tables) await to.text.table(table.name).bulkPut(await table.toArray())
  for (const db of [...Object.values(from), ...Object.values(to)]) db.close()
  return twin
}
