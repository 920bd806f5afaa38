/** Whose key it is that a colleague's part is signed with. */
import { beforeEach, describe, expect, it } from 'vitest'
import { fromB64u, type Bytes } from './bytes'
import type { Engine } from './index'
import { keyId, signingPair } from './keys'
import { openPart, sealPart, type Part } from './part'
import { MEMBERS, pair, type Pair } from './testing/pair'
import { TestServer } from './testing/server'
import { DRILLER, HAZARD, now, TEAM, type Phone, type World } from './testing/world'

const LATER = '00000000-0000-7000-8000-0000000000f3'

let w: World
let phones: [Phone, Phone]
let driller: Engine
let blaster: Engine
let gives: Pair['gives']
let comesUp: Pair['comesUp']
beforeEach(async () => {
  const made = await pair();
  ({ w, phones, driller, blaster, gives, comesUp } = made)
  await made.joins()
  await reports(driller)
})

const reports = (engine: Engine, id = HAZARD) => engine.act('hazard.report@1', id, { what: 'loose roof', team: TEAM }, { barrier: true })
const hazards = () => now(blaster.rows('hazard'))
const refused = async (given: Promise<Bytes>, code: string) => {
  await expect(blaster.team.receive(TEAM, await given, MEMBERS)).rejects.toMatchObject({ code })
  expect(await hazards()).toEqual([])
}

/** What somebody who has the key, but not the driller's signing key, makes of his part. */
async function forged(change: (part: Part) => Part, key: CryptoKey) {
  const part = await openPart(await driller.team.part(TEAM), TEAM, [await driller.team.key(TEAM)])
  return sealPart(change(part), key)
}

describe('a colleague’s part', () => {
  it('is its author’s by the server’s word, which his phone has asked for before it is over', async () => {
    const asked = () => w.server.exchanges.filter(({ body }) => body.certify).length
    await comesUp(0)
    expect(asked()).toBe(0)
    w.forward(16 * 86_400_000)
    await driller.sendNow()
    expect(asked()).toBe(1)
    await driller.sendNow()
    expect(asked()).toBe(1)
    phones[0].connected = false
    w.forward(20 * 86_400_000)
    expect(await gives()).toMatchObject({ fresh: true })
  })

  const takenWith = (code: string, part: Bytes) => blaster.team.receive(TEAM, part, MEMBERS, code)
  const codeFor = (raw: string) => keyId(fromB64u(raw)).slice(0, 12)

  it('is refused without a certificate for its key, until the two have compared', async () => {
    await gives()
    const { key, raw } = await signingPair(false)
    const other = await forged((part) => ({ ...part, signing: raw, certificate: null, acts: [{ ...part.acts[0]!, entity: LATER }] }), key)
    await expect(blaster.team.receive(TEAM, other, MEMBERS)).rejects.toMatchObject({ code: 'part.uncertified' })
    await expect(takenWith(await driller.team.code(), other)).rejects.toMatchObject({ code: 'part.uncertified' })
    expect(await hazards()).toHaveLength(1)
    const code = codeFor(raw)
    expect(await takenWith(` ${code.slice(0, 4)}-${code.slice(4)}`, other)).toMatchObject({ fresh: true })
    // What he did before under his old PIN is still what he did.
    expect(await hazards()).toHaveLength(2)
    expect(new Set((await now(blaster.team.parts(TEAM))).map(({ code }) => code)).size).toBe(2)
  })

  it('is refused with somebody else’s certificate, whatever code is read out', async () => {
    await reports(blaster, LATER)
    await driller.team.join(TEAM, await blaster.team.key(TEAM))
    const { certificate } = await openPart(await blaster.team.part(TEAM), TEAM, [await blaster.team.key(TEAM)])
    const { key, raw } = await signingPair(false)
    const another = await forged((part) => ({ ...part, signing: raw, certificate: certificate! }), key)
    await expect(takenWith(codeFor(raw), another)).rejects.toMatchObject({ code: 'part.not_his' })
    const his = (await openPart(await driller.team.part(TEAM), TEAM, [await driller.team.key(TEAM)])).certificate!
    const otherKey = await forged((part) => ({ ...part, signing: raw, certificate: his }), key)
    await expect(takenWith(codeFor(raw), otherKey)).rejects.toMatchObject({ code: 'part.not_his' })
  })

  it('is refused when its certificate was changed, or no server of this phone gave it', async () => {
    const { key, raw } = await signingPair(false)
    await refused(forged((part) => ({ ...part, signing: raw, certificate: { ...part.certificate!, signing_key: raw } }), key), 'part.uncertified')
    const elsewhere = await new TestServer().start()
    await refused(forged((part) => ({ ...part, signing: raw }), key), 'part.not_his')
    elsewhere.now = () => Date.now()
    const foreign = await elsewhere.certificate(DRILLER, raw)
    await refused(forged((part) => ({ ...part, signing: raw, certificate: foreign }), key), 'part.uncertified')
  })

  it('is refused when its certificate is over, and taken again when his phone has been on the network', async () => {
    w.forward(31 * 86_400_000)
    await reports(driller, LATER)
    await expect(gives()).rejects.toMatchObject({ code: 'part.uncertified' })
    await comesUp(0)
    phones[0].connected = false
    expect(await gives()).toMatchObject({ fresh: true })
  })
})
