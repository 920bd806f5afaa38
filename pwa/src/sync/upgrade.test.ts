/**
 * A phone that was last opened with an earlier version of the app: whatever lay on it unsent arrives.
 *
 * fixtures/ keeps what each version ever stored, for ever. A change of the records' shape asks for a further one:
 * KEEP_SHAPE=<number> npx vitest run src/sync/upgrade.test.ts
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { nameOf } from './photos'
import { givingKeys, kept, packed, putBack, shapeOf, unpacked } from './testing/keeping'
import type { Given } from './testing/server'
import { answer, begin, BLASTER, DRILLER, enrolled, HAZARD, now, OTHER_SHEET, Phone, SHEET, TEAM, world, type World } from './testing/world'

const HERE = new URL('./fixtures/', import.meta.url)
const FORGETFUL = '00000000-0000-4000-8000-0000000000c3'
const id = (n: number) => `00000000-0000-7000-8000-0000000000${n.toString().padStart(2, '0')}`
const [REFUSED, LOST, FORGOTTEN, LOCKED, WITH_PHOTOS, CARRIED, GIVEN] = [id(1), id(2), id(3), id(4), id(5), id(6), id(7)]
const picture = (n: number) => Uint8Array.from({ length: 200 }, (_, index) => (index * 31 + n) % 256)

interface Fixture { at: number; databases: Awaited<ReturnType<typeof kept>>; server: Given }

const fixtures = readdirSync(HERE).map((name) => Number(name.replace('.json', ''))).sort((a, b) => a - b)
const fixture = (n: number) => JSON.parse(readFileSync(new URL(`${n}.json`, HERE), 'utf-8')) as Fixture

/** A phone in the midst of everything: four people's work at every stage that there is. */
async function midst(): Promise<Fixture> {
  return givingKeys(async () => {
    const w = await world()
    w.server.scopes.set(FORGETFUL, new Set(['mine:1', `person:${FORGETFUL}`]))
    const { phone, engine } = await enrolled(w)
    w.server.put('hazard', HAZARD, 'mine:1', { what: 'from the server' })
    const shas = await Promise.all([1, 2, 3].map((n) => nameOf(picture(n))))
    await engine.publish('cards', [{ title: 'escape' }])
    await begin(engine)
    await engine.savePhoto(shas[0]!, { bytes: picture(1), type: 'image/jpeg', facts: { n: 1 } })
    await answer(engine, 'I1', 'delivered', SHEET, [shas[0]!])
    await engine.sendNow()
    w.server.refuse = ({ entity }) => (entity === REFUSED ? 'policy.denied' : null)
    w.server.clash = ({ args }) => (JSON.stringify(args).includes('mine') ? ['answers/I2'] : [])
    await answer(engine, 'I2', 'mine')
    await engine.act('hazard.report@1', REFUSED, { what: 'refused' }, { barrier: true })
    await engine.savePhoto(shas[1]!, { bytes: picture(2), type: 'image/jpeg', facts: { n: 2 } })
    phone.uploadFaults = [0]
    await engine.act('hazard.report@1', WITH_PHOTOS, { what: 'photo on its way' }, { barrier: true, blobs: [shas[1]!] })
    await engine.sendNow()
    phone.connected = false
    await engine.lock()
    w.forward(1)
    phone.connected = true
    for (const [user, entity] of [[BLASTER, LOCKED], [FORGETFUL, FORGOTTEN]] as const) {
      w.server.faults = []
      await enrolled(w, phone, user).then(async ({ engine: other }) => {
        phone.connected = false
        await other.act('hazard.report@1', entity, { what: 'unsent' }, { barrier: true })
        await other.lock()
        phone.connected = true
        other.close()
      })
      w.forward(1)
    }
    const colleague = await enrolled(w, new Phone(w), BLASTER)
    colleague.phone.connected = false
    await colleague.engine.act('hazard.report@1', CARRIED, { what: 'by hand' }, { barrier: true })
    phone.connected = false
    await engine.takeIn((await colleague.engine.exportUnsent()).text)
    const forgetful = await phone.tab()
    await forgetful.addUser({ user: FORGETFUL, label: null, profile: null }, '5678')
    await forgetful.lock()
    await engine.unlock(DRILLER, '1234')
    await colleague.engine.team.join(TEAM, await engine.team.key(TEAM))
    await colleague.engine.act('hazard.report@1', GIVEN, { what: 'on a colleague’s phone', team: TEAM }, { barrier: true })
    await engine.team.receive(TEAM, await colleague.engine.team.part(TEAM), { [BLASTER]: { id: BLASTER } })
    await engine.act('hazard.report@1', LOST, { what: 'reply lost' }, { barrier: true })
    w.server.faults = ['reply lost', ...Array(20).fill('unreachable')]
    phone.connected = true
    await engine.sendNow()
    phone.connected = false
    await engine.savePhoto(shas[2]!, { bytes: picture(3), type: 'image/jpeg', facts: { n: 3 } })
    await begin(engine, OTHER_SHEET)
    await engine.tick({ all: true })
    await answer(engine, 'I1', 'only tapped', OTHER_SHEET, [shas[2]!])
    await engine.saveDraft('half', { what: 'half done' })
    return { at: w.at, databases: await kept(phone.idb), server: (await packed(await w.server.given())) as Given }
  })
}

/** The phone as the fixture has it, and the server as it was then. */
async function found(n: number): Promise<{ w: World; phone: Phone }> {
  const { at, databases, server } = fixture(n)
  const w = await world()
  w.at = at + 3_600_000
  w.server.take((await unpacked(server)) as Given)
  w.server.scopes.set(FORGETFUL, new Set(['mine:1', `person:${FORGETFUL}`]))
  const phone = new Phone(w)
  await putBack(phone.idb, databases)
  return { w, phone }
}

describe.each(fixtures)('a phone of shape %i', (n) => {
  it('that was updated delivers all that lay on it, locked and unlocked', async () => {
    const { w, phone } = await found(n)
    const engine = await phone.tab()
    expect(await now(engine.published('cards'))).toEqual([{ title: 'escape' }])
    // Nobody has unlocked it yet.
    await engine.tick({ eager: true })
    for (const entity of [LOST, LOCKED, FORGOTTEN]) expect(w.server.row('hazard', entity), entity).toBeDefined()

    if (n >= 2) expect(w.server.row('hazard', CARRIED)).toBeDefined()

    w.server.session = w.server.renewable = DRILLER
    expect(await engine.unlock(DRILLER, '1234')).toEqual({ ok: true })
    expect(await engine.draft('half')).toEqual({ what: 'half done' })
    if (n >= 3) {
      expect(await now(engine.row('hazard', GIVEN))).toMatchObject({ what: 'on a colleague’s phone', by: BLASTER })
      expect(await now(engine.team.joined(TEAM))).toBe(true)
    }
    await engine.sendNow()
    w.forward(400_000)
    await engine.sendNow()
    expect(w.server.row('sheet', OTHER_SHEET)).toMatchObject({ answers: { I1: 'only tapped' } })
    expect([...w.server.state.blobs].sort()).toEqual((await Promise.all([1, 2, 3].map((one) => nameOf(picture(one))))).sort())
    expect(new Uint8Array((await engine.photo(await nameOf(picture(1))))!)).toEqual(picture(1))
    expect(await now(engine.rejected)).toMatchObject([{ entity: REFUSED, problem: { code: 'policy.denied' } }])
    expect(await now(engine.conflicts)).toMatchObject([{ entity: SHEET, fields: ['answers/I2'] }])
    expect(await now(engine.row('hazard', HAZARD))).toMatchObject({ what: 'from the server' })
    expect((await now(engine.unsent)).map(({ status }) => status.state).sort()).toEqual(['conflict', 'rejected'])
    expect((await now(engine.state)).diverged).toEqual([])
    for (const { ver } of w.server.state.rows.values()) expect(ver).toBeLessThanOrEqual(3)
  })
})

it('what this version stores is kept among the fixtures', async () => {
  const present = await midst()
  const number = Number(process.env.KEEP_SHAPE)
  if (number) writeFileSync(fileURLToPath(new URL(`${number}.json`, HERE)), JSON.stringify(present, null, 1) + '\n')
  const latest = fixture(number || fixtures.at(-1)!)
  expect(shapeOf(present.databases)).toEqual(shapeOf(latest.databases))
  expect(present.databases.map(({ version, stores }) => ({ version, stores }))).toEqual(latest.databases.map(({ version, stores }) => ({ version, stores })))
})
