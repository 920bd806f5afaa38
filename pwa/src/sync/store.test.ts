/** What browsers do to a store: connections that go (iOS), disks that are full, clocks that are set. */
import { IDBObjectStore } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openDatabases, type JournalRecord } from './db'
import { writeDown } from './journal'
import type { Act } from './operations'
import { nameOf } from './photos'
import { phoneWithVault } from './testing/idb'
import { answer, begin, DRILLER, enrolled, now, OTHER_SHEET, Phone, SHEET, sign, world, type World } from './testing/world'

let w: World
beforeEach(async () => {
  w = await world()
})

const DAY = 86_400_000
const look = (phone: Phone) => openDatabases(phone.idb, () => {})
const { add, put, get, getAll } = IDBObjectStore.prototype
afterEach(() => {
  vi.unstubAllGlobals()
  Object.assign(IDBObjectStore.prototype, { add, put, get, getAll })
})

/** The next request of this kind finds its connection gone, as WebKit says it. */
function loseConnection(kind: 'add' | 'put' | 'get'): { lost: number } {
  const told = { lost: 0 }
  const real = IDBObjectStore.prototype[kind] as (...given: unknown[]) => IDBRequest
  IDBObjectStore.prototype[kind] = function (this: IDBObjectStore, ...given: unknown[]) {
    if (told.lost++ > 0) return real.apply(this, given)
    this.transaction.db.close()
    throw gone()
  } as never
  return told
}
const gone = () => new DOMException('Connection to Indexed Database server lost. Refresh the page to try again', 'UnknownError')

describe('a connection that iOS drops', () => {
  it.each(['add', 'put', 'get'] as const)('at any %s is opened again, and the work goes on', async (kind) => {
    const { engine } = await enrolled(w)
    await begin(engine)
    const told = loseConnection(kind)
    await answer(engine, 'I1', 1)
    await engine.sendNow()
    expect(told.lost).toBeGreaterThan(0)
    expect(w.server.row('sheet', SHEET)).toMatchObject({ answers: { I1: 1 } })
    expect((await now(engine.status(SHEET)))!.state).toBe('delivered')
    expect(await now(engine.state)).toMatchObject({ problem: null, network: 'online' })
  })

  it('during an unlocking does not cost a try', async () => {
    const { engine } = await enrolled(w)
    await engine.lock()
    loseConnection('get')
    expect(await engine.unlock(DRILLER, '1234')).toEqual({ ok: true })
  })

  it('after a tap was committed and before that was said writes it down once', async () => {
    const { text, keys } = await phoneWithVault()
    const real = text.journal.add.bind(text.journal)
    text.journal.add = ((record: JournalRecord) => real(record).then(() => {
      text.journal.add = real
      throw gone()
    })) as never
    await writeDown(text, keys, { entity: SHEET, blobs: [] } as unknown as Act)
    expect(await text.journal.count()).toBe(1)
  })
})

describe('a full phone', () => {
  const noRoom = () => {
    throw new DOMException('no room', 'QuotaExceededError')
  }

  it('whose taps cannot be frozen still sends what is frozen, says so, and freezes when there is room', async () => {
    const { phone, engine } = await enrolled(w)
    phone.connected = false
    await begin(engine)
    await sign(engine)
    await answer(engine, 'I1', 'later', OTHER_SHEET)
    phone.connected = true
    IDBObjectStore.prototype.add = noRoom
    await engine.sendNow()
    expect(w.server.row('sheet', SHEET)).toMatchObject({ state: 'signed' })
    expect((await now(engine.state)).storageFull).toBe(true)
    IDBObjectStore.prototype.add = add
    await engine.sendNow()
    expect((await now(engine.unsent))).toEqual([])
    expect((await now(engine.state)).storageFull).toBe(false)
  })

  /** No write finds room; what is deleted of what was set aside makes room for so many records. */
  function fill(writes: number): void {
    let [room, reserve] = [0, writes]
    const remove = IDBObjectStore.prototype.delete
    const counted = (write: typeof put) => function (this: IDBObjectStore, ...given: Parameters<typeof put>) {
      if (room === 0) noRoom()
      room--
      return write.apply(this, given)
    }
    Object.assign(IDBObjectStore.prototype, {
      add: counted(add), put: counted(put),
      delete(this: IDBObjectStore, query: IDBValidKey) {
        if (query === 'reserve') [room, reserve] = [room + reserve, 0]
        return remove.call(this, query)
      },
    })
  }

  it('is unlocked all the same, and every try of the PIN counts', async () => {
    const { phone, engine } = await enrolled(w)
    await engine.lock()
    fill(20)
    for (let n = 0; n < 3; n++) expect(await engine.unlock(DRILLER, '0000')).toMatchObject({ ok: false, fails: n + 1 })
    engine.close()
    const again = await phone.tab()
    expect(await again.unlock(DRILLER, '1234')).toEqual({ ok: false, fails: 3, wait_ms: 5_000 })
    w.forward(5_000)
    expect(await again.unlock(DRILLER, '1234')).toEqual({ ok: true })
  })

  it('on which the room for tries is used up too tries no PIN, right or wrong', async () => {
    const { phone, engine } = await enrolled(w)
    await engine.lock()
    fill(2)
    await engine.unlock(DRILLER, '0000')
    await engine.unlock(DRILLER, '0000')
    for (const pin of ['1234', '0000']) await expect(engine.unlock(DRILLER, pin)).rejects.toThrow('no room')
    expect(await now(engine.current)).toBe(null)
    const { text } = await look(phone)
    expect(await text.vaults.toCollection().first()).toMatchObject({ fails: 2 })
    Object.assign(IDBObjectStore.prototype, { add, put })
    expect(await engine.unlock(DRILLER, '1234')).toEqual({ ok: true })
    // There is room: some of it is set aside for the next time.
    await engine.tick({ eager: true })
    expect(await text.board.count()).toBe(1)
  })

  it('sends what it has, and hears what became of it, in the room that was set aside', async () => {
    const { phone, engine } = await enrolled(w)
    phone.connected = false
    await begin(engine)
    await sign(engine)
    await engine.lock()
    phone.connected = true
    fill(20)
    await engine.unlock(DRILLER, '1234')
    await engine.sendNow()
    expect(w.server.row('sheet', SHEET)).toMatchObject({ state: 'signed' })
    expect(await now(engine.unsent)).toEqual([])
  })

  it('says on the spot that a draft, an answer, a photo or a signature was not kept, and shows none of them as if it were', async () => {
    const { engine } = await enrolled(w)
    await begin(engine)
    await engine.saveDraft('half', { what: 'kept' })
    fill(0)
    const bytes = Uint8Array.of(1, 2, 3)
    const sha = await nameOf(bytes)
    const steps = [() => engine.saveDraft('half', { what: 'lost' }), () => answer(engine, 'I1', 1), () => engine.savePhoto(sha, { bytes, type: 'image/jpeg', facts: null }), () => sign(engine)]
    for (const step of steps) await expect(step()).rejects.toMatchObject({ code: 'storage.full' })
    expect((await now(engine.state)).storageFull).toBe(true)
    expect(await now(engine.row('sheet', SHEET))).toMatchObject({ state: 'draft', answers: {} })
    expect([await engine.draft('half'), await engine.photo(sha)]).toEqual([{ what: 'kept' }, null])
    expect((await now(engine.unsent)).map(({ status }) => status.state)).toEqual(['local'])
  })

  it('lets go of pictures that the server has, before it keeps an act waiting', async () => {
    const { phone, engine } = await enrolled(w)
    const bytes = Uint8Array.of(1, 2, 3)
    const { bytes: db } = await look(phone)
    const sha = await nameOf(bytes)
    await engine.savePhoto(sha, { bytes, type: 'image/jpeg', facts: null })
    await db.photos.toCollection().modify({ state: 'kept' })
    await answer(engine, 'I1', 1)
    let full = true
    IDBObjectStore.prototype.add = function (...given) {
      return full && this.name === 'outbox' ? noRoom() : add.apply(this, given)
    }
    const remove = IDBObjectStore.prototype.delete
    IDBObjectStore.prototype.delete = function (...given) {
      full = false
      return remove.apply(this, given as [never])
    }
    await engine.sendNow()
    IDBObjectStore.prototype.delete = remove
    expect(await engine.photo(sha)).toBe(null)
    expect(await now(engine.unsent)).toEqual([])
  })
})

it('how much room is left is told as it changes, and whether the browser promised to keep us', async () => {
  let [used, promised] = [1_000, false]
  vi.stubGlobal('navigator', { storage: {
    estimate: () => Promise.resolve({ usage: used, quota: 5_000 }), persisted: () => Promise.resolve(promised), persist: () => Promise.resolve((promised = true)),
  } })
  const { engine } = await enrolled(w)
  expect(await now(engine.storage)).toEqual({ used: 1_000, quota: 5_000, persisted: false })
  const seen: unknown[] = []
  engine.storage.subscribe((storage) => seen.push(storage))
  used = 4_900
  const bytes = Uint8Array.of(1, 2, 3)
  await engine.savePhoto(await nameOf(bytes), { bytes, type: 'image/jpeg', facts: null })
  await engine.persist()
  await new Promise((resolve) => setImmediate(resolve))
  expect(seen.at(-1)).toEqual({ used: 4_900, quota: 5_000, persisted: true })
})

describe('what is kept', () => {
  it('of a photo that went up late stays fourteen days from then, backed up or not', async () => {
    const { phone, engine } = await enrolled(w)
    const bytes = Uint8Array.of(1, 2, 3)
    const sha = await nameOf(bytes)
    await engine.savePhoto(sha, { bytes, type: 'image/jpeg', facts: null })
    phone.uploadFaults = [413]
    await answer(engine, 'I1', 'fail', SHEET, [sha])
    await engine.sendNow()
    w.server.state.devices.forEach((device) => (device.durable_seq = 1))
    w.forward(40 * DAY)
    await engine.tick({ eager: true })
    expect(phone.carried).toEqual([sha])
    const { text, bytes: photos } = await look(phone)
    w.forward(13 * DAY)
    await engine.tick({ eager: true })
    expect([await text.bodies.count(), await photos.bytes.count()]).toEqual([1, 1])
    w.forward(2 * DAY)
    await engine.tick({ eager: true })
    expect([await text.bodies.count(), await photos.bytes.count()]).toEqual([0, 1])
    w.forward(17 * DAY)
    await engine.tick({ eager: true })
    expect(await photos.bytes.count()).toBe(0)
  })

  it('of a photo that never went up stays for ever', async () => {
    const { phone, engine } = await enrolled(w)
    const bytes = Uint8Array.of(1, 2, 3)
    const sha = await nameOf(bytes)
    await engine.savePhoto(sha, { bytes, type: 'image/jpeg', facts: null })
    phone.uploadFaults = Array(30).fill(0)
    await answer(engine, 'I1', 'fail', SHEET, [sha])
    for (let month = 0; month < 6; month++) {
      await engine.sendNow()
      w.forward(31 * DAY)
    }
    phone.uploadFaults = []
    await engine.sendNow()
    expect(phone.carried).toEqual([sha])
  })
})

it('a clock that was set back makes nobody wait longer for his PIN than his tries have cost', async () => {
  const { engine } = await enrolled(w)
  await engine.lock()
  for (let n = 0; n < 3; n++) await engine.unlock(DRILLER, '0000')
  w.forward(-30 * DAY)
  expect(await engine.unlock(DRILLER, '1234')).toEqual({ ok: false, fails: 3, wait_ms: 5_000 })
  w.forward(5_000)
  expect(await engine.unlock(DRILLER, '1234')).toEqual({ ok: true })
})
