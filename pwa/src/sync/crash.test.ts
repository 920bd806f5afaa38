/** A kill between any two steps, a lost reply, a server that forgets: nothing is lost and nothing is doubled. */
import { beforeEach, describe, expect, it } from 'vitest'
import { openDatabases } from './db'
import { Refused } from './http'
import { answer, begin, BLASTER, DRILLER, enrolled, HAZARD, now, OTHER_SHEET, Phone, SHEET, sign, world, type World } from './testing/world'
import type { Engine } from './index'

let w: World
beforeEach(async () => {
  w = await world()
})

const DAY = 86_400_000
const devices = () => [...w.server.state.devices.keys()]
const brought = (device = devices().at(-1)!) => w.server.brought(device)
const opsOf = (device?: string) => brought(device).map((entry) => ('op' in entry ? entry.op : 'void'))
async function reopened(phone: Phone, engine: Engine): Promise<Engine> {
  engine.close()
  const again = await phone.tab()
  expect(await again.unlock(DRILLER, '1234')).toEqual({ ok: true })
  return again
}
/** Text that does not compress. */
const noise = (length: number) => Array.from({ length }, () => String.fromCharCode(33 + Math.floor(w.chance() * 90))).join('')
/** Looks into the databases of a phone whose tabs are closed or not. */
const look = (phone: Phone) => openDatabases(phone.idb, () => {})

describe('a kill', () => {
  it('between a tap and its freezing loses nothing', async () => {
    const { phone, engine } = await enrolled(w)
    await begin(engine)
    await answer(engine, 'I1', 1)
    const again = await reopened(phone, engine)
    await again.sendNow()
    expect(opsOf()).toEqual(['sheet.begin@1', 'sheet.answer@1'])
  })

  it('between seq and signature is made up at the next start', async () => {
    const { phone, engine } = await enrolled(w)
    phone.connected = false
    await begin(engine)
    await engine.sendNow()
    engine.close()
    // As if it had stopped after the first transaction: frozen, neither signed nor sealed.
    const { text } = await look(phone)
    await text.segments.clear()
    await text.enrolments.toCollection().modify({ secured: 0 })
    phone.connected = true
    const locked = await phone.tab()
    await locked.tick({ eager: true })
    expect(brought()).toEqual([])
    await locked.unlock(DRILLER, '1234')
    await locked.tick({ eager: true })
    expect(opsOf()).toEqual(['sheet.begin@1'])
    expect(await text.segments.count()).toBe(1)
  })

  it('after the server took it and before the answer came has the effect of one', async () => {
    const { phone, engine } = await enrolled(w)
    await begin(engine)
    w.server.faults = ['reply lost']
    await engine.sendNow()
    expect((await now(engine.status(SHEET)))!.state).toBe('waiting')
    const again = await reopened(phone, engine)
    await again.sendNow()
    expect(opsOf()).toEqual(['sheet.begin@1'])
    expect((await now(again.status(SHEET)))!.state).toBe('delivered')
    expect(await now(again.row('sheet', SHEET))).toMatchObject({ ver: 1 })
  })

  it('while enrolling leaves one enrolment, not two', async () => {
    const phone = new Phone(w)
    const engine = await phone.tab()
    w.server.session = DRILLER
    await engine.addUser({ user: DRILLER, label: null, profile: null }, '1234')
    w.server.faults = ['reply lost']
    await engine.tick({ eager: true })
    const again = await reopened(phone, engine)
    await again.tick({ eager: true })
    expect(devices()).toHaveLength(1)
    await begin(again)
    await again.sendNow()
    expect(opsOf()).toEqual(['sheet.begin@1'])
  })

  it('in the middle of a first pull goes on where it was', async () => {
    for (let n = 0; n < 30; n++) w.server.put('hazard', `00000000-0000-7000-8000-0000000001${n.toString().padStart(2, '0')}`, 'mine:1', { n })
    w.server.page = 10
    const phone = new Phone(w)
    const engine = await phone.tab()
    w.server.session = DRILLER
    await engine.addUser({ user: DRILLER, label: null, profile: null }, '1234')
    w.server.faults = [undefined as never, undefined as never, 'unreachable']
    await engine.tick({ eager: true })
    expect([await now(engine.rows('hazard')), await now(engine.lastSync), await now(engine.received)]).toEqual([expect.objectContaining({ length: 10 }), null, 10])
    const again = await reopened(phone, engine)
    await again.tick({ eager: true })
    expect(await now(again.rows('hazard'))).toHaveLength(30)
    expect([await now(again.lastSync), await now(again.received)]).toEqual([w.at, 30])
    expect((await now(again.state)).diverged).toEqual([])
  })
})

describe('the network', () => {
  it('that fails is tried again later each time, and at once when somebody asks', async () => {
    const { engine } = await enrolled(w)
    w.server.faults = ['unreachable', 500, 'hotel']
    await begin(engine)
    await sign(engine)
    const before = w.server.exchanges.length
    await engine.tick()
    expect((await now(engine.state)).network).toBe('offline')
    await engine.tick()
    expect(w.server.faults).toHaveLength(2)
    w.forward(3_000)
    await engine.tick()
    expect(w.server.faults).toHaveLength(1)
    await engine.sendNow()
    await engine.sendNow()
    expect(w.server.exchanges.length).toBe(before + 1)
    expect((await now(engine.state)).network).toBe('online')
    expect(w.server.row('sheet', SHEET)).toMatchObject({ state: 'signed' })
  })

  it('that ends a sign-in underground delivers results, and no rows until somebody signs in', async () => {
    const { engine } = await enrolled(w)
    w.server.session = w.server.renewable = null
    w.server.aside.clear()
    w.server.put('hazard', HAZARD, 'mine:1', { text: 'a' })
    await begin(engine)
    await engine.sendNow()
    expect(w.server.row('sheet', SHEET)).toBeDefined()
    expect((await now(engine.state)).network).toBe('expired')
    expect(await now(engine.rows('hazard'))).toEqual([])
    expect(await now(engine.row('sheet', SHEET))).toMatchObject({ post: 'UG01' })
    w.server.session = DRILLER
    engine.signedIn()
    await engine.tick({ eager: true })
    expect(await now(engine.rows('hazard'))).toHaveLength(1)
    expect((await now(engine.state)).network).toBe('online')
  })

  it('a sign-in that only ran out is renewed once, without a word', async () => {
    const { engine } = await enrolled(w)
    w.server.session = null
    w.server.put('hazard', HAZARD, 'mine:1', { text: 'a' })
    await engine.tick({ eager: true })
    expect(await now(engine.rows('hazard'))).toHaveLength(1)
    expect((await now(engine.state)).network).toBe('online')
  })
})

describe('too much at once', () => {
  it('is halved until it goes', async () => {
    const { engine } = await enrolled(w)
    for (let n = 0; n < 10; n++) await begin(engine, `00000000-0000-7000-8000-0000000002${n.toString().padStart(2, '0')}`)
    w.server.most = 3
    await engine.sendNow()
    expect(opsOf()).toHaveLength(10)
    expect(w.server.exchanges.every(({ body }) => body.mutations.length <= 10)).toBe(true)
  })

  it('goes in larger parts where the server is quick, and in no larger ones where it is slow', async () => {
    const { phone, engine } = await enrolled(w)
    phone.connected = false
    for (let n = 0; n < 1_600; n++) await begin(engine, `00000000-0000-7000-8000-00000000${(4096 + n).toString(16)}`)
    const take = w.server.fetch
    const sizes: number[] = []
    w.server.fetch = async (path, init) => {
      const reply = await take(path, init)
      const { mutations = [] } = w.server.requests.at(-1)!.body
      if (mutations.length > 0) sizes.push(mutations.length)
      w.forward(sizes.length < 2 ? 3_000 : 100)
      return reply
    }
    phone.connected = true
    await engine.sendNow()
    expect(sizes).toEqual([500, 500, 600])
  }, 120_000)

  it('a single act that never goes holds its place as a void, is shown, and the rest goes on', async () => {
    const { engine } = await enrolled(w)
    await engine.act('sheet.begin@1', SHEET, { text: noise(100_000) })
    await begin(engine, OTHER_SHEET)
    const take = w.server.fetch
    w.server.fetch = async (path, init) => {
      const before = structuredClone(w.server.state)
      const reply = await take(path, init)
      const last = w.server.requests.at(-1)!
      if (!last.body.mutations?.some((entry) => 'entity' in entry && entry.entity === SHEET)) return reply
      w.server.state = before
      return new Response('too large', { status: 413 })
    }
    await engine.sendNow()
    expect(opsOf()).toEqual(['void', 'sheet.begin@1'])
    expect(await now(engine.status(SHEET))).toMatchObject({ state: 'rejected', problem: { code: 'mutation.void' } })
    expect(await now(engine.rejected)).toMatchObject([{ entity: SHEET, op: 'sheet.begin@1' }])
  })

  it('said of next to nothing is the network’s mistake: it is tried again, and nothing is given up', async () => {
    const { engine } = await enrolled(w)
    await begin(engine)
    w.server.faults = [413]
    await engine.sendNow()
    expect(await now(engine.state)).toMatchObject({ problem: { code: 'sync.too_large' } })
    await engine.sendNow()
    expect(opsOf()).toEqual(['sheet.begin@1'])
    expect((await now(engine.state)).problem).toBe(null)
  })

  it('of incompressible text still fits the limit of bytes', async () => {
    const { engine } = await enrolled(w)
    for (let n = 0; n < 12; n++) await engine.act('sheet.begin@1', `00000000-0000-7000-8000-0000000002${n.toString().padStart(2, '0')}`, { text: noise(40_000) })
    await engine.sendNow()
    expect(opsOf()).toHaveLength(12)
    expect(Math.max(...w.server.exchanges.map(({ bytes }) => bytes))).toBeLessThanOrEqual(262_144)
  })
})

describe('a damaged store', () => {
  it('gives a void with the hash for what is lost, and what is behind keeps its signature', async () => {
    const { phone, engine } = await enrolled(w)
    phone.connected = false
    await begin(engine)
    await begin(engine, OTHER_SHEET)
    await engine.sendNow()
    const { text } = await look(phone)
    await text.bodies.toCollection().limit(1).delete()
    const again = await reopened(phone, engine)
    phone.connected = true
    await again.tick({ eager: true })
    expect(opsOf()).toEqual(['void', 'sheet.begin@1'])
    expect(w.server.row('sheet', OTHER_SHEET)).toBeDefined()
  })

  it('whose chain has a hole enrols anew and brings what is left', async () => {
    const { phone, engine } = await enrolled(w)
    phone.connected = false
    await begin(engine)
    await begin(engine, OTHER_SHEET)
    await engine.sendNow()
    const { text } = await look(phone)
    await text.outbox.toCollection().limit(1).delete()
    const again = await reopened(phone, engine)
    phone.connected = true
    await again.tick({ eager: true })
    expect(devices()).toHaveLength(2)
    expect(w.server.row('sheet', OTHER_SHEET)).toBeDefined()
  })
})

describe('the server', () => {
  it('restored from yesterday’s backup gets today’s work again', async () => {
    const { engine } = await enrolled(w)
    await begin(engine)
    await engine.sendNow()
    const backup = w.server.backup()
    await answer(engine, 'I1', 1)
    await sign(engine)
    await engine.sendNow()
    w.server.restore(backup)
    await engine.tick({ eager: true })
    expect(w.server.row('sheet', SHEET)).toMatchObject({ state: 'signed', answers: { I1: 1 } })
    expect(opsOf()).toEqual(['sheet.begin@1', 'sheet.answer@1', 'sheet.sign@1'])
    expect((await now(engine.status(SHEET)))!.state).toBe('delivered')
    expect((await now(engine.state)).diverged).toEqual([])
  })

  it('that forgot today’s work is told of it as waiting, and the screen goes on showing it', async () => {
    const { engine } = await enrolled(w)
    await begin(engine)
    await engine.sendNow()
    const backup = w.server.backup()
    await answer(engine, 'I1', 1)
    await engine.sendNow()
    w.server.restore(backup)
    w.server.faults = [undefined as never, 'unreachable']
    await engine.tick({ eager: true })
    expect((await now(engine.status(SHEET)))!.state).toBe('waiting')
    expect(await now(engine.row('sheet', SHEET))).toMatchObject({ ver: 1, answers: { I1: 1 } })
  })

  it('that lost the enrolment itself gets a new one and all of it again', async () => {
    const { engine } = await enrolled(w)
    const backup = w.server.backup()
    backup.devices.clear()
    await begin(engine)
    await sign(engine)
    await engine.sendNow()
    w.server.restore(backup)
    await engine.tick({ eager: true })
    expect(w.server.row('sheet', SHEET)).toMatchObject({ state: 'signed' })
    expect(devices()).toHaveLength(1)
  })

  it('decides how long things are kept here: 14 days behind a backup, 30 without one', async () => {
    const { phone, engine } = await enrolled(w)
    await begin(engine)
    await engine.sendNow()
    const device = w.server.state.devices.get(devices()[0]!)!
    const { text } = await look(phone)
    const kept = async (days: number) => {
      w.forward(days * DAY)
      await engine.tick({ eager: true })
      await engine.tick({ eager: true })
      return [await text.bodies.count(), await text.segments.count()]
    }
    expect(await kept(29)).toEqual([1, 1])
    device.durable_seq = 1
    await engine.tick({ eager: true })
    expect(await kept(2)).toEqual([0, 0])
    expect(await text.outbox.count()).toBe(1)

    await begin(engine, OTHER_SHEET)
    await engine.sendNow()
    expect(await kept(40)).toEqual([1, 1])
    device.durable_seq = 2
    await engine.tick({ eager: true })
    expect(await kept(2)).toEqual([0, 0])
  })
})

describe('a phone that was reported lost', () => {
  it('forgets the rows, still hands over what lay on it, and serves again only who proves himself anew', async () => {
    const { phone, engine } = await enrolled(w)
    w.server.put('hazard', HAZARD, 'mine:1', { text: 'a' })
    await engine.tick({ eager: true })
    await begin(engine)
    w.server.lost.add(devices()[0]!)
    await engine.sendNow()
    const { text } = await look(phone)
    expect([await now(engine.rows('hazard')), await text.rows.count(), await text.scopes.count()]).toEqual([[], 0, 0])
    expect(brought(devices()[0])).toHaveLength(1)
    expect(await now(engine.rejected)).toMatchObject([{ entity: SHEET, problem: { code: 'mutation.device_revoked' } }])
    // The sign-in is still good; who holds the phone and the PIN gets nothing by it.
    await answer(engine, 'I1', 1)
    await engine.sendNow()
    const again = await reopened(phone, engine)
    await again.sendNow()
    expect(devices()).toHaveLength(1)
    expect((await now(again.state)).problem).toEqual({ code: 'sync.device_revoked', params: {} })

    again.signedIn()
    await again.sendNow()
    expect(devices()).toHaveLength(2)
    expect(opsOf()).toEqual(['sheet.answer@1'])
    expect(await now(again.rows('hazard'))).toHaveLength(1)
    expect((await now(again.state)).problem).toBe(null)
  })

  it('while it is locked forgets and hands over too', async () => {
    const { phone, engine } = await enrolled(w)
    w.server.put('hazard', HAZARD, 'mine:1', { text: 'a' })
    await engine.tick({ eager: true })
    phone.connected = false
    await begin(engine)
    await engine.lock()
    w.server.lost.add(devices()[0]!)
    phone.connected = true
    await engine.tick({ eager: true })
    expect(opsOf()).toEqual(['sheet.begin@1'])
    expect(await (await look(phone)).text.rows.count()).toBe(0)
  })
})

describe('two tabs', () => {
  it('one speaks at a time, each shows what the other did', async () => {
    const { phone, engine: first } = await enrolled(w)
    const second = await phone.tab()
    await second.unlock(DRILLER, '1234')
    await begin(second)
    const before = w.server.exchanges.length
    await Promise.all([first.sendNow(), second.sendNow()])
    expect(w.server.exchanges.length - before).toBeLessThanOrEqual(2)
    expect(opsOf()).toEqual(['sheet.begin@1'])
    expect(await now(second.row('sheet', SHEET))).toMatchObject({ post: 'UG01' })
  })

  it('locking one locks the other', async () => {
    const { phone, engine: first } = await enrolled(w)
    const second = await phone.tab()
    await second.unlock(DRILLER, '1234')
    await first.lock()
    await new Promise((resolve) => setImmediate(resolve))
    await expect(begin(second)).rejects.toMatchObject({ code: 'vault.locked' })
  })
})

describe('export', () => {
  it('holds all that the server does not have, of everybody, and nothing that it has', async () => {
    const { phone, engine } = await enrolled(w)
    await begin(engine)
    await engine.sendNow()
    phone.connected = false
    await answer(engine, 'I1', 'only here')
    w.forward(1)
    phone.connected = true
    await engine.lock()
    w.server.faults = Array(20).fill('unreachable')
    const { engine: blaster } = await enrolledOffline(phone)
    const { name, text } = await blaster.exportUnsent()
    const lines = text.trim().split('\n')
    expect(name).toBe('kuangjian-202603020800.txt')
    expect(lines[0]).toBe('KUANGJIAN-BUNDLE/1')
    expect(lines.slice(1, -1).map((line) => line.split(' ').slice(1, 3))).toEqual([['2', '2']])
    expect(text).not.toContain('only here')
  })
})

async function enrolledOffline(phone: Phone) {
  const engine = await phone.tab()
  await engine.addUser({ user: BLASTER, label: null, profile: null }, '9999')
  return { engine }
}

it('an answer that is no answer is not taken for one', async () => {
  const { engine } = await enrolled(w)
  await expect(engine.http.json({ method: 'POST', path: '/sync/exchange', body: { device: 'nobody', mutations: [], sealed: [] } })).rejects.toBeInstanceOf(Refused)
})
