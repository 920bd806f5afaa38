/** Photos: kept before they are said to be, sent whoever is unlocked, let go only after the server's word. */
import { beforeEach, describe, expect, it } from 'vitest'
import { openDatabases } from './db'
import { nameOf } from './photos'
import { answer, begin, BLASTER, DRILLER, enrolled, now, Phone, SHEET, sign, world, type World } from './testing/world'
import type { Engine } from './index'

let w: World
beforeEach(async () => {
  w = await world()
})

const DAY = 86_400_000
const picture = (n: number) => Uint8Array.from({ length: 2_000 }, (_, index) => (index * 31 + n) % 256)
async function keep(engine: Engine, n: number): Promise<string> {
  w.forward(1)
  const bytes = picture(n)
  const sha = await nameOf(bytes)
  await engine.savePhoto(sha, { bytes, type: 'image/jpeg', facts: { taken_at: 'noon' } })
  return sha
}
const status = async (engine: Engine) => {
  const { state, photosDone, photosTotal } = (await now(engine.status(SHEET)))!
  return `${state} ${photosDone}/${photosTotal}`
}
const look = (phone: Phone) => openDatabases(phone.idb, () => {})

describe('a photo', () => {
  it('is on the disk, encrypted and read back, before it is said to be saved', async () => {
    const { phone, engine } = await enrolled(w)
    const sha = await keep(engine, 1)
    engine.close()
    const again = await phone.tab()
    await again.unlock(DRILLER, '1234')
    expect(new Uint8Array((await again.photo(sha))!)).toEqual(picture(1))
    expect(await again.photo('sha256:none')).toBe(null)
  })

  it('that is not what its name says is refused', async () => {
    const { engine } = await enrolled(w)
    const sha = await nameOf(picture(1))
    await expect(engine.savePhoto(sha, { bytes: picture(2), type: 'image/jpeg', facts: null })).rejects.toMatchObject({ code: 'photo.damaged' })
    expect(await engine.photo(sha)).toBe(null)
  })

  it('that the disk damaged is not said to be saved', async () => {
    const { phone, engine } = await enrolled(w)
    const { bytes } = await look(phone)
    const sha = await keep(engine, 1)
    await bytes.bytes.toCollection().modify((stored) => {
      new Uint8Array(stored.box)[500]! ^= 1
    })
    await expect(keep(engine, 1)).rejects.toMatchObject({ code: 'photo.damaged' })
    expect(await engine.photo(sha)).toBe(null)
  })

  it('goes after its record, and the record counts as delivered when the server has every one', async () => {
    const { phone, engine } = await enrolled(w)
    const shas = [await keep(engine, 1), await keep(engine, 2), await keep(engine, 3)]
    phone.connected = false
    await begin(engine)
    await answer(engine, 'I1', 'fail', SHEET, shas)
    await sign(engine)
    expect(await status(engine)).toBe('waiting 0/3')
    phone.connected = true
    phone.uploadFaults = [undefined as never, 0]
    await engine.tick({ eager: true })
    expect(phone.carried).toEqual([shas[0]])
    await engine.tick({ eager: true })
    expect(await status(engine)).toBe('photos 2/3')
    w.forward(3_000)
    await engine.tick({ eager: true })
    expect(await status(engine)).toBe('delivered 3/3')
    expect(new Set(phone.carried)).toEqual(new Set(shas))
  })

  it('goes on where it was cut off', async () => {
    const { phone, engine } = await enrolled(w)
    const sha = await keep(engine, 1)
    phone.uploadFaults = [0]
    await answer(engine, 'I1', 'fail', SHEET, [sha])
    await engine.sendNow()
    const { bytes } = await look(phone)
    expect(await bytes.photos.toCollection().first()).toMatchObject({ url: `/uploads/${sha}`, state: 'missing' })
  })

  it('goes up while its owner is locked, and cannot be opened by the phone’s own key any more when it has arrived', async () => {
    const { phone, engine } = await enrolled(w)
    const sha = await keep(engine, 1)
    await answer(engine, 'I1', 'fail', SHEET, [sha])
    phone.connected = false
    await engine.lock()
    engine.close()
    phone.connected = true
    await enrolled(w, phone, BLASTER)
    expect(phone.carried).toEqual([sha])
    const { bytes } = await look(phone)
    expect(await bytes.photos.filter((photo) => photo.sha === sha).first()).toMatchObject({ state: 'there', travel: null })
  })

  it('waits where nobody is signed in, and goes when somebody is', async () => {
    const { phone, engine } = await enrolled(w)
    const sha = await keep(engine, 1)
    phone.uploadFaults = [401]
    w.server.renewable = null
    w.server.aside.clear()
    await answer(engine, 'I1', 'fail', SHEET, [sha])
    await engine.sendNow()
    await engine.sendNow()
    expect([await status(engine), phone.uploadFaults]).toEqual(['photos 0/1', []])
    expect(phone.carried).toEqual([])
    engine.signedIn()
    await engine.sendNow()
    expect(await status(engine)).toBe('delivered 1/1')
  })

  it('that a restored server lost is sent again, once its owner is back', async () => {
    const { phone, engine } = await enrolled(w)
    const sha = await keep(engine, 1)
    await answer(engine, 'I1', 'fail', SHEET, [sha])
    await engine.sendNow()
    w.server.state.blobs.clear()
    await engine.tick({ eager: true })
    expect(phone.carried).toEqual([sha, sha])
    expect(await status(engine)).toBe('delivered 1/1')
  })

  it('that the server refuses says why, and holds up no other', async () => {
    const { phone, engine } = await enrolled(w)
    const shas = [await keep(engine, 1), await keep(engine, 2)]
    phone.uploadFaults = [422]
    await answer(engine, 'I1', 'fail', SHEET, shas)
    await engine.sendNow()
    expect(phone.carried).toEqual([shas[1]])
    expect(await status(engine)).toBe('photos 1/2')
    const { bytes } = await look(phone)
    expect(await bytes.photos.filter(({ sha }) => sha === shas[0]).first()).toMatchObject({ problem: 'http.422' })
  })

  it('that was damaged on its way goes again soon, from the beginning where the whole is not what it was', async () => {
    const { phone, engine } = await enrolled(w)
    const sha = await keep(engine, 1)
    phone.uploadFaults = [460, 422]
    phone.uploadCodes = ['upload.checksum_wrong', 'upload.wrong_hash']
    await answer(engine, 'I1', 'fail', SHEET, [sha])
    await engine.sendNow()
    const { bytes } = await look(phone)
    expect(await bytes.photos.toCollection().first()).toMatchObject({ problem: 'upload.checksum_wrong', url: `/uploads/${sha}` })
    w.forward(3_000)
    await engine.tick({ eager: true })
    expect(await bytes.photos.toCollection().first()).toMatchObject({ problem: 'upload.wrong_hash', url: null })
    expect(await now(engine.status(SHEET))).toMatchObject({ state: 'photos', problem: { code: 'upload.wrong_hash' } })
    w.forward(8_000)
    await engine.tick({ eager: true })
    expect(await status(engine)).toBe('delivered 1/1')
    expect(phone.tries).toEqual([0, 1, 2])
  })

  it.each([[507, 'server.no_room'], [503, 'server.objects_away']])('that finds the server without room or its store away waits and says why: %i', async (fault, code) => {
    const { phone, engine } = await enrolled(w)
    const sha = await keep(engine, 1)
    phone.uploadFaults = [fault]
    phone.uploadCodes = [code]
    await begin(engine)
    await answer(engine, 'I1', 'fail', SHEET, [sha])
    await engine.sendNow()
    // The record is there all the same.
    expect(w.server.row('sheet', SHEET)).toMatchObject({ answers: { I1: 'fail' } })
    expect((await now(engine.unsent)).map(({ status }) => status)).toMatchObject([{ state: 'photos', photosDone: 0, problem: { code } }])
    w.forward(3_000)
    await engine.tick({ eager: true })
    expect(await status(engine)).toBe('delivered 1/1')
  })

  it('stays until its record is let go', async () => {
    const { phone, engine } = await enrolled(w)
    const sha = await keep(engine, 1)
    const unused = await keep(engine, 2)
    await answer(engine, 'I1', 'fail', SHEET, [sha])
    await engine.sendNow()
    w.server.state.devices.forEach((device) => (device.durable_seq = 1))
    w.forward(13 * DAY)
    await engine.tick({ eager: true })
    w.forward(18 * DAY)
    await engine.tick({ eager: true })
    w.forward(2 * DAY)
    await engine.tick({ eager: true })
    expect([await engine.photo(sha), await engine.photo(unused)]).toEqual([null, null])
    expect(await (await look(phone)).bytes.bytes.count()).toBe(0)
  })
})

describe('a full phone', () => {
  /** Every write of a table fails as a browser's does when there is no room. */
  async function fill() {
    const { IDBObjectStore } = await import('fake-indexeddb')
    const { add, put } = IDBObjectStore.prototype
    const full = () => {
      throw new DOMException('no room', 'QuotaExceededError')
    }
    Object.assign(IDBObjectStore.prototype, { add: full, put: full })
    return () => Object.assign(IDBObjectStore.prototype, { add, put })
  }

  it('is a state to see: what could not be kept is not said to be, and what was kept stays', async () => {
    const { engine } = await enrolled(w)
    await begin(engine)
    const empty = await fill()
    await expect(answer(engine, 'I1', 1)).rejects.toMatchObject({ code: 'storage.full' })
    await expect(keep(engine, 1)).rejects.toMatchObject({ code: 'storage.full' })
    expect((await now(engine.state)).storageFull).toBe(true)
    expect(await now(engine.row('sheet', SHEET))).toMatchObject({ answers: {} })
    empty()
    await answer(engine, 'I1', 2)
    expect((await now(engine.state)).storageFull).toBe(false)
    await engine.sendNow()
    expect(w.server.row('sheet', SHEET)).toMatchObject({ answers: { I1: 2 } })
  })
})

describe('the disk', () => {
  it('holds nothing of a person that can be read', async () => {
    const { phone, engine } = await enrolled(w)
    const secret = 'SECRET-标记'
    w.server.put('hazard', '00000000-0000-7000-8000-0000000000ee', 'mine:1', { what: secret })
    await engine.saveProfile('label', { name: secret })
    await engine.saveDraft(secret, { text: secret })
    await engine.act('sheet.begin@1', SHEET, { note: secret })
    await engine.sendNow()
    await answer(engine, secret, secret)
    const bytes = new TextEncoder().encode(secret.repeat(50))
    await engine.savePhoto(await nameOf(bytes), { bytes, type: 'image/jpeg', facts: { secret } })
    const stored = await everything(phone)
    expect(stored.length).toBeGreaterThan(3_000)
    // Not the content, not the names of scopes and collections, not the ids of records.
    for (const word of [secret, 'mine:1', 'hazard', 'sheet.begin', SHEET]) expect(stored.includes(word), word).toBe(false)
  })

  it('gives out no key', async () => {
    const { phone } = await enrolled(w)
    const { text } = await look(phone)
    const { lock, travel } = (await text.phone.get('phone'))!
    const { transport } = (await text.enrolments.toCollection().first())!
    for (const key of [lock, travel, transport]) {
      expect(key.extractable).toBe(false)
      await expect(crypto.subtle.exportKey(key.algorithm.name === 'ECDSA' ? 'pkcs8' : 'raw', key)).rejects.toThrow()
    }
  })
})

/** All that is stored, as one text: bytes by their UTF-8 and strings as they are. */
async function everything(phone: Phone): Promise<string> {
  const dbs = await look(phone)
  const parts: string[] = []
  const walk = (value: unknown): void => {
    if (typeof value === 'string') parts.push(value)
    else if (value instanceof ArrayBuffer) parts.push(new TextDecoder().decode(value))
    else if (ArrayBuffer.isView(value)) parts.push(new TextDecoder().decode(value))
    else if (typeof value === 'object' && value !== null) Object.entries(value).forEach((pair) => pair.forEach(walk))
  }
  for (const table of [...dbs.text.tables, ...dbs.bytes.tables]) walk(await table.toArray())
  return parts.join('\n')
}
