/** A forgotten PIN on a phone whose enrolment has ended: what was done under it arrives at the server's own engine all the same. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { nameOf } from './photos'
import { County, PEOPLE, type Handset } from './testing/county'
import { PythonServer } from './testing/python'
import { now } from './testing/world'

const [DRILLER, COLLEAGUE] = PEOPLE as [string, string]

let server: PythonServer
let county: County
let phone: Handset
beforeAll(() => {
  server = new PythonServer()
})
afterAll(() => server.end())
beforeEach(async () => {
  county = await County.open(server)
  phone = county.phones[0]!
  return () => county.close()
})

interface Waiting { user: string; code: string; body: { op: string; args: Record<string, unknown> } }
const waiting = async () => (await server.call<Waiting[]>('quarantine')).map(({ user, code, body }) => [user, code, body.op])
const unsent = async () => (await now(phone.engine.users)).map((one) => one.unsent)

/** A list that he fills without a network; then the phone is locked. */
async function underground(): Promise<void> {
  phone.connected = false
  const sheet = phone.engine.newId()
  await phone.engine.act('sheet.open@2', sheet, { scope: 'site:3', title: 'UG01' })
  await phone.engine.act('sheet.note@1', sheet, { text: 'loose rock' })
  await phone.engine.lock()
}
/** He sets another PIN; the network is back. */
async function forgetsAndSends(): Promise<void> {
  phone.connected = true
  await phone.engine.addUser({ user: DRILLER, label: null, profile: null }, '654321')
  phone.session = DRILLER
  phone.engine.signedIn()
  await phone.engine.sendNow()
}
/** A server that is restored to the moment before this enrolment. */
const enrolsAfterABackup = async () => {
  await server.call('backup')
  await county.passes(1)
  await phone.engine.addUser({ user: DRILLER, label: null, profile: null }, '111222')
  await phone.engine.sendNow()
}

/** An old copy of the disk is put back after work was sent: the phone gives the same number again. */
async function copiedBack() {
  const before = await phone.look(({ text }) => text.enrolments.toArray())
  await phone.engine.act('sheet.open@2', phone.engine.newId(), { scope: 'site:3', title: 'first' })
  await phone.engine.sendNow()
  await phone.look(async ({ text }) => {
    await text.enrolments.bulkPut(before)
    await text.outbox.clear()
    await text.bodies.clear()
    await text.segments.clear()
  })
  await phone.killed()
}

describe('work under a forgotten PIN', () => {
  it('of a phone that was reported lost waits for people', async () => {
    await underground()
    const [device] = await phone.look(({ text }) => text.vaults.where('user').equals(DRILLER).toArray().then((all) => all.map((one) => one.device)))
    await server.call('lost', device)
    await forgetsAndSends()
    expect(await waiting()).toEqual([[DRILLER, 'mutation.device_revoked', 'sheet.open@2'], [DRILLER, 'mutation.device_revoked', 'sheet.note@1']])
    expect(await unsent()).toEqual([0, 0])
    expect((await now(phone.engine.state)).problem).toBe(null)
  })

  it('of a person whose grant has ended waits for people', async () => {
    await underground()
    await server.call('grant', DRILLER, [])
    await forgetsAndSends()
    expect((await waiting()).map(([, code, op]) => [code, op])).toContainEqual(['policy.denied', 'sheet.open@2'])
    expect(await unsent()).toEqual([0, 0])
  })

  it('of an enrolment that the restored server does not know waits for people, who can read it', async () => {
    await enrolsAfterABackup()
    await underground()
    await server.call('restore')
    await forgetsAndSends()
    expect(await waiting()).toEqual([[DRILLER, 'mutation.device_unknown', 'sheet.open@2'], [DRILLER, 'mutation.device_unknown', 'sheet.note@1']])
    expect((await server.call<Waiting[]>('quarantine'))[1]!.body.args).toEqual({ text: 'loose rock' })
    expect(await unsent()).toEqual([0, 0])
    await phone.engine.sendNow()
    expect(await waiting()).toHaveLength(2)
  })

  it('that the server had before it was restored comes again too, and once', async () => {
    await enrolsAfterABackup()
    const sheet = phone.engine.newId()
    await phone.engine.act('sheet.open@2', sheet, { scope: 'site:3', title: 'UG01' })
    await phone.engine.sendNow()
    await underground()
    await server.call('restore')
    await forgetsAndSends()
    expect((await waiting()).map(([, , op]) => op)).toEqual(['sheet.open@2', 'sheet.open@2', 'sheet.note@1'])
    await server.call('restore')
    await phone.engine.sendNow()
    await phone.engine.sendNow()
    expect(await waiting()).toHaveLength(3)
  })

  it('behind a fork waits for people', async () => {
    await copiedBack()
    await underground()
    await forgetsAndSends()
    expect(await waiting()).toEqual([[DRILLER, 'mutation.device_forked', 'sheet.open@2'], [DRILLER, 'mutation.device_forked', 'sheet.note@1']])
    expect(await unsent()).toEqual([0, 0])
  })

  it('is not brought by a colleague, to whom it does not belong', async () => {
    await enrolsAfterABackup()
    await underground()
    await server.call('restore')
    phone.connected = true
    await phone.enters(COLLEAGUE)
    await phone.engine.sendNow()
    expect(await waiting()).toEqual([])
    expect(await unsent()).toContain(1)
  })

  it('has its photos asked for until they are there', async () => {
    await enrolsAfterABackup()
    phone.connected = false
    const bytes = Uint8Array.of(1, 2, 3)
    const sha = await nameOf(bytes)
    await phone.engine.savePhoto(sha, { bytes, type: 'image/jpeg', facts: null })
    await phone.engine.act('sheet.open@2', phone.engine.newId(), { scope: 'site:3', title: 'UG01' }, { blobs: [sha] })
    await phone.engine.lock()
    await server.call('restore')
    await forgetsAndSends()
    // It went up; the server, which has no such bytes, goes on asking.
    expect(await phone.look(({ bytes }) => bytes.photos.toArray())).toMatchObject([{ sha, state: 'missing', failures: 1 }])
  })
})

it('a locked phone that has forked says nothing more until its owner is back, and he issues again', async () => {
  await copiedBack()
  await underground()
  phone.connected = true
  await phone.engine.tick({ eager: true })
  const requests = county.sent.length
  await phone.engine.tick({ eager: true })
  expect(county.sent.length - requests).toBeLessThanOrEqual(1)
  await phone.enters(DRILLER)
  await phone.engine.sendNow()
  expect((await now(phone.engine.unsent))).toEqual([])
  expect(await waiting()).toEqual([])
  expect(Object.keys((await server.state()).sheets)).toHaveLength(2)
})
