/** The way of a list from a tap to the server and back. */
import { beforeEach, describe, expect, it } from 'vitest'
import { openDatabases } from './db'
import { answer, begin, BLASTER, DRILLER, enrolled, HAZARD, now, OTHER_SHEET, Phone, SHEET, sign, world, type World } from './testing/world'

let w: World
beforeEach(async () => {
  w = await world()
})

const device = () => [...w.server.state.devices.keys()].at(-1)!
const sheetOnServer = () => w.server.row('sheet', SHEET)

describe('a list', () => {
  it('is filled without a network, survives a kill after any tap, and arrives by itself', async () => {
    const { phone, engine } = await enrolled(w)
    phone.connected = false
    await begin(engine)
    for (let item = 1; item <= 12; item++) {
      w.forward(5_000)
      await answer(engine, `I${item}`, { result: 'pass' })
    }
    // Killed: nothing is called any more, a new tab opens on what is on the disk.
    engine.close()
    const reopened = await phone.tab()
    expect(await now(reopened.rows('sheet'))).toEqual([])
    expect(await reopened.unlock(DRILLER, '1234')).toEqual({ ok: true })
    const sheet = await now(reopened.row('sheet', SHEET))
    expect(Object.keys(sheet!.answers as object)).toHaveLength(12)
    expect((await now(reopened.status(SHEET)))!.state).toBe('local')
    await sign(reopened)
    expect((await now(reopened.status(SHEET)))!.state).toBe('waiting')

    phone.connected = true
    await reopened.tick({ eager: true })
    expect(sheetOnServer()).toMatchObject({ state: 'signed', answers: { I1: { result: 'pass' }, I12: { result: 'pass' } } })
    expect((await now(reopened.status(SHEET)))!.state).toBe('delivered')
    expect(await now(reopened.unsent)).toEqual([])
  })

  it('of twelve items costs one mutation', async () => {
    const { engine } = await enrolled(w)
    await begin(engine)
    for (let item = 1; item <= 12; item++) {
      w.forward(2_000)
      await answer(engine, `I${item}`, { result: 'pass' })
      await engine.tick()
    }
    await sign(engine)
    await engine.tick()
    const ops = w.server.brought(device()).map((entry) => 'op' in entry && entry.op)
    expect(ops).toEqual(['sheet.begin@1', 'sheet.answer@1', 'sheet.sign@1'])
    expect(sheetOnServer()!.answers).toHaveProperty('I12')
  })

  it('whose answers rest is sent without a signature', async () => {
    const { engine } = await enrolled(w)
    await begin(engine)
    await answer(engine, 'I1', { result: 'fail' })
    await engine.tick()
    expect(sheetOnServer()).toMatchObject({ answers: {} })
    w.forward(30_000)
    await engine.tick()
    expect(sheetOnServer()).toMatchObject({ answers: { I1: { result: 'fail' } } })
  })

  it('folds only neighbours: another record between two answers keeps them apart', async () => {
    const { engine } = await enrolled(w)
    await begin(engine)
    await begin(engine, OTHER_SHEET)
    await answer(engine, 'I1', 1)
    await answer(engine, 'I1', 2, OTHER_SHEET)
    await answer(engine, 'I2', 3)
    await sign(engine)
    await engine.tick()
    expect(w.server.brought(device())).toHaveLength(6)
    expect(sheetOnServer()!.answers).toEqual({ I1: 1, I2: 3 })
  })

  it('shows what was done here over what the server sent, and then the server’s', async () => {
    const { engine } = await enrolled(w)
    w.server.put('sheet', SHEET, 'mine:1', { state: 'draft', answers: { I1: 'old', I2: 'kept' } })
    await engine.tick({ eager: true })
    await answer(engine, 'I1', 'new')
    expect(await now(engine.row('sheet', SHEET))).toEqual({ id: SHEET, ver: 1, state: 'draft', answers: { I1: 'new', I2: 'kept' } })
    w.server.put('sheet', SHEET, 'mine:1', { state: 'draft', answers: { I1: 'old', I2: 'changed' } })
    await engine.tick({ eager: true })
    expect((await now(engine.row('sheet', SHEET)))!.answers).toEqual({ I1: 'new', I2: 'changed' })
    await engine.sendNow()
    expect(await now(engine.row('sheet', SHEET))).toMatchObject({ ver: 3, answers: { I1: 'new', I2: 'changed' } })
  })

  it('names as its base the version it was made on', async () => {
    const { engine } = await enrolled(w)
    w.server.put('sheet', SHEET, 'mine:1', { state: 'draft', answers: {} })
    await engine.tick({ eager: true })
    await answer(engine, 'I1', 1)
    await begin(engine, OTHER_SHEET)
    await engine.tick()
    expect(w.server.brought(device()).map((entry) => 'base' in entry && entry.base)).toEqual([[1, 1], null])
  })

  it('beyond what one mutation may hold is refused before it is kept', async () => {
    const { engine } = await enrolled(w)
    await expect(engine.act('sheet.begin@1', SHEET, { text: '检'.repeat(50_000) })).rejects.toMatchObject({ code: 'record.too_large' })
    expect(await now(engine.rows('sheet'))).toEqual([])
  })
})

describe('rows', () => {
  it('come in pages, and their digest is the server’s', async () => {
    w.server.page = 7
    for (let n = 0; n < 40; n++) w.server.put('hazard', `00000000-0000-7000-8000-0000000001${n.toString().padStart(2, '0')}`, 'mine:1', { n })
    const { engine } = await enrolled(w)
    expect(await now(engine.rows('hazard'))).toHaveLength(40)
    expect((await now(engine.state)).diverged).toEqual([])
    expect((await now(engine.state)).network).toBe('online')
  })

  it('that differ from the server’s without its knowing are noticed and mended', async () => {
    const { phone, engine } = await enrolled(w)
    w.server.put('hazard', HAZARD, 'mine:1', { text: 'a' })
    await engine.tick({ eager: true })
    // A change that the log forgot.
    w.server.state.rows.get(`hazard/${HAZARD}`)!.row = { text: 'b' }
    await engine.tick({ eager: true })
    expect((await now(engine.state)).diverged).toEqual(['mine:1'])
    await engine.tick({ eager: true })
    expect((await now(engine.state)).diverged).toEqual([])
    expect(await now(engine.row('hazard', HAZARD))).toMatchObject({ text: 'b' })
    expect(phone.connected).toBe(true)
  })

  it('of a scope that was taken away are gone, and a row that moves between two scopes stays', async () => {
    const { engine } = await enrolled(w)
    w.server.put('hazard', HAZARD, 'mine:1', { text: 'a' })
    w.server.put('sheet', SHEET, `person:${DRILLER}`, { answers: {} })
    await engine.tick({ eager: true })
    w.server.put('sheet', SHEET, 'mine:1', { answers: {} })
    await engine.tick({ eager: true })
    expect(await now(engine.rows('sheet'))).toHaveLength(1)
    w.server.scopes.get(DRILLER)!.delete('mine:1')
    await engine.tick({ eager: true })
    expect([await now(engine.rows('sheet')), await now(engine.rows('hazard'))]).toEqual([[], []])
  })

  it('under unsent edits stay on the disk when they leave, are not shown, and go when the edits are sent', async () => {
    const { phone, engine } = await enrolled(w)
    w.server.put('sheet', SHEET, 'mine:1', { state: 'draft', answers: {} })
    await engine.tick({ eager: true })
    await answer(engine, 'I1', 1)
    w.server.scopes.get(DRILLER)!.delete('mine:1')
    await engine.tick({ eager: true })
    expect(await now(engine.rows('sheet'))).toEqual([])
    const { text } = await openDatabases(phone.idb, () => {})
    expect(await text.rows.count()).toBe(1)
    w.server.refuse = () => 'policy.denied'
    await engine.sendNow()
    await engine.tick({ eager: true })
    expect(await text.rows.count()).toBe(0)
    expect(await now(engine.rejected)).toMatchObject([{ entity: SHEET, problem: { code: 'policy.denied' } }])
  })

  it('a live value is told of every change, and of none after it was left', async () => {
    const { engine } = await enrolled(w)
    const seen: unknown[] = []
    const stop = engine.row('sheet', SHEET).subscribe((row) => seen.push(row && (row.answers as object)))
    await begin(engine)
    await answer(engine, 'I1', 1)
    await new Promise((resolve) => setImmediate(resolve))
    stop()
    await answer(engine, 'I2', 2)
    await new Promise((resolve) => setImmediate(resolve))
    expect(seen.at(0)).toBe(null)
    expect(seen.at(-1)).toEqual({ I1: 1 })
  })
})

describe('what the server does not take', () => {
  it('is shown with its reason, blocks nothing behind it, and its record shows the server’s state', async () => {
    const { engine } = await enrolled(w)
    w.server.refuse = ({ op }) => (op === 'sheet.sign@1' ? 'submission.incomplete' : null)
    await begin(engine)
    await sign(engine)
    await engine.act('hazard.report@1', HAZARD, { what: 'loose rock' }, { barrier: true })
    await engine.tick()
    expect(w.server.row('hazard', HAZARD)).toMatchObject({ what: 'loose rock' })
    expect(await now(engine.status(SHEET))).toMatchObject({ state: 'rejected', problem: { code: 'submission.incomplete' } })
    expect(await now(engine.rejected)).toMatchObject([{ entity: SHEET, op: 'sheet.sign@1', args: { state: 'signed' } }])
    expect(await now(engine.row('sheet', SHEET))).toMatchObject({ state: 'draft' })
  })

  it('stays on the screen when the server has no such record', async () => {
    const { engine } = await enrolled(w)
    w.server.refuse = () => 'policy.denied'
    await engine.act('hazard.report@1', HAZARD, { what: 'loose rock' }, { barrier: true })
    await engine.tick()
    expect(await now(engine.row('hazard', HAZARD))).toMatchObject({ what: 'loose rock' })
    expect((await now(engine.unsent)).map(({ entity, status }) => [entity, status.state])).toEqual([[HAZARD, 'rejected']])
  })

  it('is asked for again, so that a decision of people arrives', async () => {
    const { engine } = await enrolled(w)
    w.server.refuse = () => 'policy.denied'
    await engine.act('hazard.report@1', HAZARD, { what: 'loose rock' }, { barrier: true })
    await engine.tick()
    const stored = [...w.server.state.stored.values()][0]!
    w.server.put('hazard', HAZARD, 'mine:1', { what: 'loose rock' })
    stored.result = { ...stored.result, status: 'applied', ver: 1, problem: null }
    await engine.tick({ eager: true })
    expect(await now(engine.rejected)).toEqual([])
    expect((await now(engine.status(HAZARD)))!.state).toBe('delivered')
  })

  it('a conflict is told with its fields, and stays until it is decided', async () => {
    const { engine } = await enrolled(w)
    w.server.clash = ({ op }) => (op === 'sheet.answer@1' ? ['answers/I1'] : [])
    await begin(engine)
    await answer(engine, 'I1', 'mine')
    await engine.sendNow()
    expect((await now(engine.status(SHEET)))!.state).toBe('conflict')
    expect(await now(engine.conflicts)).toMatchObject([{ entity: SHEET, fields: ['answers/I1'], args: { answers: { I1: 'mine' } } }])

    const stored = [...w.server.state.stored.values()].at(-1)!
    stored.result = { ...stored.result, status: 'applied', conflict: null }
    await engine.tick({ eager: true })
    expect(await now(engine.conflicts)).toEqual([])
  })
})

describe('people of one phone', () => {
  it('neither wait for each other nor see each other’s answers', async () => {
    const { phone, engine } = await enrolled(w)
    await begin(engine)
    await answer(engine, 'I1', 'the driller’s')
    phone.connected = false
    await engine.lock()
    expect((await now(engine.users)).map(({ unsent }) => unsent)).toEqual([1])

    phone.connected = true
    engine.close()
    const { engine: blaster } = await enrolled(w, phone, BLASTER)
    await begin(blaster, OTHER_SHEET)
    await blaster.sendNow()
    expect((await now(blaster.rows('sheet'))).map(({ id }) => id)).toEqual([OTHER_SHEET])
    expect(w.server.row('sheet', OTHER_SHEET)).toBeDefined()
    // The driller's work went up although he was locked, under his own name and signature.
    expect(sheetOnServer()).toMatchObject({ answers: { I1: 'the driller’s' } })
    const drillers = w.server.exchanges.filter(({ body }) => body.sealed.length > 0)
    expect(drillers.every(({ body }) => !body.pull && body.mutations.length === 0)).toBe(true)
  })

  it('the unsent work of one is not in the rows of the other', async () => {
    const { phone, engine } = await enrolled(w)
    phone.connected = false
    await begin(engine)
    await engine.lock()
    w.forward(1)
    const tab = await phone.tab()
    await tab.addUser({ user: BLASTER, label: null, profile: null }, '9999')
    expect(await now(tab.rows('sheet'))).toEqual([])
    expect(await now(tab.unsent)).toEqual([])
    expect(await now(tab.users)).toMatchObject([{ user: DRILLER, unsent: 1 }, { user: BLASTER, unsent: 0 }])
  })

  it('go on with their own sign-in when it is their turn again, without a password', async () => {
    const { phone, engine } = await enrolled(w)
    await engine.lock()
    engine.close()
    const { engine: blaster } = await enrolled(w, phone, BLASTER)
    await blaster.lock()
    w.server.put('hazard', HAZARD, 'mine:1', { text: 'a' })
    await blaster.unlock(DRILLER, '1234')
    await blaster.tick({ eager: true })
    expect(await now(blaster.rows('hazard'))).toHaveLength(1)
    expect((await now(blaster.state)).network).toBe('online')
    expect(w.server.session).toBe(DRILLER)
  })

  it('a wrong PIN opens nothing and makes the next try wait, also after a kill', async () => {
    const { phone, engine } = await enrolled(w)
    await engine.lock()
    const tries = []
    for (let n = 0; n < 4; n++) tries.push(await engine.unlock(DRILLER, '0000'))
    expect(tries.map((one) => !one.ok && one.wait_ms)).toEqual([0, 0, 5_000, 5_000])
    engine.close()
    const reopened = await phone.tab()
    expect(await reopened.unlock(DRILLER, '1234')).toEqual({ ok: false, fails: 3, wait_ms: 5_000 })
    w.forward(5_000)
    expect(await reopened.unlock(DRILLER, '0000')).toEqual({ ok: false, fails: 4, wait_ms: 10_000 })
    w.forward(10_000)
    expect(await reopened.unlock(DRILLER, '1234')).toEqual({ ok: true })
  })

  it('a forgotten PIN loses nothing: a new one starts afresh, what was frozen arrives under the old enrolment', async () => {
    const { phone, engine } = await enrolled(w)
    phone.connected = false
    await begin(engine)
    await engine.lock()
    phone.connected = true
    const { engine: again } = await enrolled(w, phone)
    expect(await now(again.users)).toHaveLength(1)
    await again.tick({ eager: true })
    expect(sheetOnServer()).toBeDefined()
    expect(await now(again.row('sheet', SHEET))).toMatchObject({ state: 'draft' })
    expect(w.server.state.devices.size).toBe(2)
  })

  it('drafts are a person’s own, and are forgotten when told', async () => {
    const { phone, engine } = await enrolled(w)
    await engine.saveDraft('hazard', { what: 'half' })
    engine.close()
    const again = await phone.tab()
    await again.unlock(DRILLER, '1234')
    expect(await again.draft('hazard')).toEqual({ what: 'half' })
    await again.saveDraft('hazard', null)
    expect(await again.draft('hazard')).toBe(null)
    await expect(again.lock().then(() => again.draft('hazard'))).rejects.toMatchObject({ code: 'vault.locked' })
  })

  it('what is published is readable by whoever holds the phone', async () => {
    const phone = new Phone(w)
    const tab = await phone.tab()
    await tab.publish('phones', [{ number: '0538' }])
    tab.close()
    expect(await now((await phone.tab()).published('phones'))).toEqual([{ number: '0538' }])
  })
})
