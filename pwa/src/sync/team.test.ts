/** Two people underground who work on one record, and give each other what they did. */
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { b64u, fromB64u, type Bytes } from './bytes'
import { openDatabases } from './db'
import { keyId, signingPair } from './keys'
import { newTeamKey, openPart, sealPart, type Part } from './part'
import { MEMBERS, pair, type Pair } from './testing/pair'
import { answer, BLASTER, DRILLER, HAZARD, now, Phone, SHEET, TEAM, type World } from './testing/world'
import type { Engine } from './index'

const OTHER_TEAM = '00000000-0000-7000-8000-0000000000e4'
const LATER = '00000000-0000-7000-8000-0000000000f3'

/** Made once, by version 1 of the format, under the key 00 01 02 … 1f. */
const KEY = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8'
const MADE =
  'AQF6jQbhTY299IAmWvlyKDKOnaLZU8NWXMqqkt-RaqKwmJnFoUomz8V_VgXZBxjLK8bgeL9MRhsqhd1lB4dofFBGA2vbg0BYOVInYxrSHIAAMtYmQoBqxj8D' +
  'AaU0kXVrqadJvAvik_sLPmi-MOfJSnA2mZINBmZHVk15ED3sLN6u1zUvosN806sqoX4IsPD_Kc3j06Ui4Hu4XEGoS--X6ymjmz0AoHMCftBpSnHAx1qgN2Ai' +
  '8L7Ep8Am8s2SyfE_1tnkK_gBVC54npVfsMJBmWz1Nn2FwRsXIvAgPOMAV1X4Lk1hLZa_kme-v3G0A3YKuPJmbnyI8FrSa8nbEqXlLq8E7CJvUzET6coFCfF0' +
  '7pcwa1Nm0WNGhBhedmrfywtmLkiVlTEOoz20MdphnJUWiC4M3gYx0HnGIi_s08homjERhf0YaLtp4-QSrz78kQzDcPsf9vC-j9sban5OZJ_uHM3rLiEpVRyC' +
  'ndU6dAh3GlW5MntBUB8Aqi6_7r9z0HWoppiliRv41mMfoWxV_jcrfK_zZwl7f-lKUCLTI-SUxKOjbeGHbBUcSwGAmhvAmyhBTZKaHnB3gXITRoagjLV3JVat' +
  'gQfIxxlJI8_DHNQGDxytXfEa010VO-VJY6In9SEeaS2NRMo'

let w: World
let phones: [Phone, Phone]
let driller: Engine
let blaster: Engine
let joins: Pair['joins']
let gives: Pair['gives']
let comesUp: Pair['comesUp']

beforeEach(async () => {
  ({ w, phones, driller, blaster, joins, gives, comesUp } = await pair())
})

const reports = (engine: Engine, id = HAZARD, args = {}) => engine.act('hazard.report@1', id, { what: 'loose roof', team: TEAM, ...args }, { barrier: true })
const hazards = async (engine: Engine) => (await now(engine.rows('hazard'))).map(({ id, what, ver }) => [id, what, ver])
const changed = (box: Bytes, at: number) => Uint8Array.from(box, (byte, index) => (index === at ? byte ^ 1 : byte))

describe('a part', () => {
  it('shows a colleague what was done, as the one’s who did it, and counts it as nobody’s unsent work', async () => {
    await joins()
    await reports(driller)
    await answer(driller, 'I1', 'fail')
    expect(await gives()).toMatchObject({ user: DRILLER, fresh: true, carried: 0 })
    expect(await now(blaster.row('hazard', HAZARD))).toMatchObject({ what: 'loose roof', by: DRILLER, ver: 0 })
    expect(await now(blaster.row('sheet', SHEET))).toMatchObject({ answers: { I1: 'fail' } })
    expect(await now(blaster.unsent)).toEqual([])
    expect(await now(blaster.status(HAZARD))).toBeNull()
    const [given] = await now(blaster.team.parts(TEAM))
    expect(given).toMatchObject({ user: DRILLER, profile: MEMBERS[DRILLER], code: await driller.team.code() })
    expect(given!.acts.map(({ op }) => op)).toEqual(['hazard.report@1', 'sheet.answer@1'])
  })

  it('lies under what the receiver did himself', async () => {
    await joins()
    await answer(driller, 'I1', 'his')
    await answer(driller, 'I2', 'his')
    await answer(blaster, 'I1', 'mine')
    await gives()
    expect(await now(blaster.row('sheet', SHEET))).toMatchObject({ answers: { I1: 'mine', I2: 'his' } })
  })

  it('has only what concerns the team', async () => {
    await joins()
    await reports(driller)
    await reports(driller, LATER, { team: OTHER_TEAM })
    await gives()
    expect(await hazards(blaster)).toEqual([[HAZARD, 'loose roof', 0]])
  })

  it('outlives the page, the lock and a second tab', async () => {
    await joins()
    const tab = await phones[1].tab()
    await tab.unlock(BLASTER, '1234')
    expect(await hazards(tab)).toEqual([])
    await reports(driller)
    const told = new Promise((seen) => tab.rows('hazard').subscribe((rows) => rows.length > 0 && seen(rows[0])))
    await gives()
    expect(await told).toMatchObject({ what: 'loose roof', ver: 0 })
    await blaster.lock()
    expect([await hazards(blaster), await now(blaster.team.parts(TEAM)), await now(blaster.team.joined(TEAM))]).toEqual([[], [], false])
    await blaster.unlock(BLASTER, '1234')
    expect(await hazards(blaster)).toEqual([[HAZARD, 'loose roof', 0]])
  })

  it('that is newer takes the place of the older, and never the other way round, though the clock was set back', async () => {
    await joins()
    await reports(driller)
    const first = await driller.team.part(TEAM)
    w.forward(-86_400_000)
    await reports(driller, LATER)
    const second = await driller.team.part(TEAM)
    expect(await blaster.team.receive(TEAM, second, MEMBERS)).toMatchObject({ fresh: true })
    expect(await blaster.team.receive(TEAM, first, MEMBERS)).toMatchObject({ fresh: false })
    expect(await hazards(blaster)).toHaveLength(2)
    expect(await now(blaster.team.parts(TEAM))).toHaveLength(1)
  })

  it('tells nothing to who has not the key, nor does the disk', async () => {
    await joins()
    await reports(driller, HAZARD, { what: 'SECRET' })
    const file = await driller.team.file(TEAM)
    await blaster.team.receive(TEAM, file, MEMBERS)
    const key = fromB64u(await driller.team.key(TEAM))
    const { text: db } = await openDatabases(phones[1].idb, () => {})
    const disk = JSON.stringify([await db.teams.toArray(), await db.parts.toArray()].map((rows) => rows.map((row) => ({ ...row, box: new TextDecoder('latin1').decode(row.box) }))))
    for (const seen of [file, disk]) for (const word of ['SECRET', 'hazard', TEAM, DRILLER, b64u(key)]) expect(seen).not.toContain(word)
  })

  it('has the bytes that the decision record says', async () => {
    const part = await openPart(fromB64u(MADE), TEAM, [KEY])
    expect(part).toMatchObject({ v: 1, user: DRILLER, made: 1772409600000, acts: [{ op: 'hazard.report@1', entity: HAZARD, args: { what: '浮石' } }] })
    await blaster.team.join(TEAM, KEY)
    await blaster.team.receive(TEAM, fromB64u(MADE), MEMBERS, keyId(fromB64u(part.signing)).slice(0, 12))
    expect(await now(blaster.team.parts(TEAM))).toMatchObject([{ user: DRILLER, acts: part.acts }])
  })

  it('is not made where the colleague’s phone could not read it, and that is said at once', async () => {
    await joins()
    const noise = () => Array.from({ length: 4 }, () => b64u(crypto.getRandomValues(new Uint8Array(18_000)))).join('')
    for (const n of [1, 2, 3]) await reports(driller, `00000000-0000-7000-8000-00000000010${n}`, { what: noise() })
    expect((await driller.team.part(TEAM)).length).toBeLessThanOrEqual(262_144)
    await reports(driller, HAZARD, { what: noise() })
    await expect(driller.team.part(TEAM)).rejects.toMatchObject({ code: 'part.too_large' })
    await expect(driller.team.file(TEAM)).rejects.toMatchObject({ code: 'part.too_large' })
  })

  it('is kept two months', async () => {
    await joins()
    await reports(driller)
    await gives()
    w.forward(61 * 86_400_000)
    await blaster.tick()
    const { text: db } = await openDatabases(phones[1].idb, () => {})
    expect([await db.teams.count(), await db.parts.count()]).toEqual([0, 0])
  })
})

describe('a part is refused', () => {
  const refused = async (given: string | Bytes | Promise<string | Bytes>, code: string, members: Record<string, unknown> = MEMBERS) => {
    await expect(blaster.team.receive(TEAM, await given, members)).rejects.toMatchObject({ code })
    expect([await hazards(blaster), await now(blaster.team.parts(TEAM))]).toEqual([[], []])
  }
  beforeEach(async () => reports(driller))

  it('before its key was scanned', () => refused(driller.team.part(TEAM), 'part.key_unknown'))

  it('when it is of another record, though its key is known', async () => {
    await blaster.team.join(TEAM, await driller.team.key(OTHER_TEAM))
    await refused(driller.team.part(OTHER_TEAM), 'part.damaged')
  })

  it('when one bit was changed, wherever', async () => {
    await joins()
    const box = await driller.team.part(TEAM)
    for (const at of [20, 50, 55, 80, box.length - 1]) await refused(changed(box, at), 'part.damaged')
    await refused(changed(box, 0), 'part.too_new')
    await refused(changed(box, 4), 'part.key_unknown')
    await refused(box.slice(0, 60), 'part.damaged')
    await refused(new Uint8Array(), 'part.foreign')
  })

  it('when its author is not of the team', async () => {
    await joins()
    await refused(driller.team.part(TEAM), 'part.stranger', { [BLASTER]: {} })
  })

  it('when it is his own', async () => {
    await joins()
    await refused(blaster.team.part(TEAM), 'part.own')
  })

  /** What somebody who has the key, but not the driller's signing key, makes of his part. */
  async function forged(change: (part: Part) => Part, key?: CryptoKey) {
    const keys = [await driller.team.key(TEAM)]
    const part = await openPart(await driller.team.part(TEAM), TEAM, keys)
    return sealPart(change(part), key ?? (await signingPair(false)).key)
  }

  it('when who passed it on changed it, though he has the key', async () => {
    await joins()
    await refused(forged((part) => ({ ...part, acts: [] })), 'part.forged')
  })

  it('when it comes from a newer program', async () => {
    await joins()
    const { key, raw } = await signingPair(false)
    await refused(forged((part) => ({ ...part, signing: raw, acts: [{ ...part.acts[0]!, op: 'hazard.report@9' }] }), key), 'part.too_new')
    await refused(forged((part) => ({ ...part, v: 2 as 1 }), key), 'part.too_new')
    await refused(forged((part) => ({ ...part, acts: [{}] as never }), key), 'part.damaged')
  })

  it('when it is a file of something else', async () => {
    await joins()
    await refused((await driller.exportUnsent()).text, 'part.foreign')
    const file = await driller.team.file(TEAM)
    await refused(file.slice(0, 100), 'file.damaged')
    await refused(file.replace(/END 1 ./, 'END 1 x'), 'file.damaged')
  })
})

describe('the keys of a team', () => {
  it('are one on both phones after both showed a code of their own, and older parts still open', async () => {
    const [his, mine] = [await driller.team.key(TEAM), await blaster.team.key(TEAM)]
    expect(his).not.toBe(mine)
    await reports(driller)
    const early = await driller.team.part(TEAM)
    await driller.team.join(TEAM, mine)
    // Sealed to both: the blaster never scanned the driller's.
    await gives()
    expect(await blaster.team.key(TEAM)).toBe(await driller.team.key(TEAM))
    expect(await blaster.team.receive(TEAM, early, MEMBERS)).toMatchObject({ fresh: false })
    await reports(blaster, LATER)
    await gives(blaster, driller)
    expect(await hazards(driller)).toHaveLength(2)
  })

  it('that are more than a part holds leave the rest out, and it is read', async () => {
    for (let n = 0; n < 20; n++) await driller.team.join(TEAM, newTeamKey((bytes) => crypto.getRandomValues(new Uint8Array(bytes))))
    await joins()
    await reports(driller)
    const known = (await openPart(await driller.team.part(TEAM), TEAM, [await driller.team.key(TEAM)]).catch(() => null))?.keys
    expect(known).toHaveLength(16)
  })

  it('are keys, and a phone says whether it has one', async () => {
    expect(await now(blaster.team.joined(TEAM))).toBe(false)
    for (const wrong of ['', 'abc', 'A'.repeat(43) + '=', 'A'.repeat(42) + 'B']) await expect(blaster.team.join(TEAM, wrong)).rejects.toMatchObject({ code: 'team.bad_key' })
    expect(await now(blaster.team.joined(TEAM))).toBe(false)
    await joins()
    expect([await now(blaster.team.joined(TEAM)), await now(blaster.team.joined(OTHER_TEAM))]).toEqual([true, false])
  })

  it('never reach the server', async () => {
    await joins()
    await reports(driller)
    await gives()
    await comesUp(0)
    await comesUp(1)
    expect(JSON.stringify(w.server.requests)).not.toContain(await driller.team.key(TEAM))
    expect(JSON.stringify([...w.server.state.rows.values()])).not.toContain(await driller.team.key(TEAM))
  })
})

describe('when the network is back', () => {
  const digestsEqual = async () => expect([(await now(driller.state)).diverged, (await now(blaster.state)).diverged]).toEqual([[], []])

  it('the server’s row takes the place of the part, and nothing is there twice', async () => {
    await joins()
    await reports(driller)
    await answer(driller, 'I1', 'fail')
    await answer(blaster, 'I2', 'pass')
    await gives()
    await comesUp(1)
    expect(await hazards(blaster)).toEqual([[HAZARD, 'loose roof', 0]])
    expect(w.server.row('hazard', HAZARD)).toBeUndefined()
    await comesUp(0)
    w.server.put('hazard', HAZARD, 'mine:1', { what: 'loose roof, seen from the desk', team: TEAM })
    await comesUp(1)
    expect(await hazards(blaster)).toEqual([[HAZARD, 'loose roof, seen from the desk', 2]])
    await comesUp(0)
    for (const engine of [driller, blaster]) expect(await now(engine.row('sheet', SHEET))).toMatchObject({ answers: { I1: 'fail', I2: 'pass' } })
    expect(w.server.state.ids.size).toBe(3)
    await digestsEqual()
  })

  it('what the server shows of a record covers all that its author did to it before', async () => {
    await joins()
    await reports(driller)
    for (const note of ['first', 'second', 'third']) await driller.act('hazard.note@1', HAZARD, { note }, { barrier: true })
    await gives()
    expect(await now(blaster.row('hazard', HAZARD))).toMatchObject({ note: 'third' })
    // Somebody else had the last word on the first two; the third has not come yet.
    w.server.put('hazard', HAZARD, 'mine:1', { what: 'loose roof', note: 'second', team: TEAM })
    await comesUp(1)
    expect(await now(blaster.row('hazard', HAZARD))).toMatchObject({ note: 'third', ver: 1 })
    w.server.put('hazard', HAZARD, 'mine:1', { what: 'loose roof', note: 'third', team: TEAM })
    await comesUp(1)
    w.server.put('hazard', HAZARD, 'mine:1', { what: 'loose roof', note: 'third', closed: true, team: TEAM })
    await comesUp(1)
    expect(await now(blaster.row('hazard', HAZARD))).toMatchObject({ note: 'third', closed: true, ver: 3 })
  })

  it('what was done to a colleague’s record waits at the server for the colleague’s act', async () => {
    await joins()
    await reports(driller)
    await gives()
    await blaster.act('hazard.note@1', HAZARD, { note: 'seen by me too' }, { barrier: true })
    await comesUp(1)
    const [report] = (await now(blaster.team.parts(TEAM)))[0]!.acts
    const note = [...w.server.state.stored.values()].map(({ entry }) => entry).find((entry) => 'op' in entry && entry.op === 'hazard.note@1')
    expect(note).toMatchObject({ deps: [report!.id] })
  })

  it('a file brings both: the part to see, and the work to hand in, once only', async () => {
    await joins()
    await reports(driller)
    await answer(driller, 'I1', 'fail')
    const file = await driller.team.file(TEAM)
    expect(await blaster.team.receive(TEAM, file, MEMBERS)).toMatchObject({ fresh: true, carried: 2 })
    expect(await blaster.team.receive(TEAM, file, MEMBERS)).toMatchObject({ fresh: false, carried: 0 })
    await comesUp(1)
    expect(w.server.row('hazard', HAZARD)).toBeDefined()
    await comesUp(1)
    expect(await hazards(blaster)).toEqual([[HAZARD, 'loose roof', 1]])
    await comesUp(0)
    expect(w.server.state.ids.size).toBe(2)
    expect(await now(driller.unsent)).toEqual([])
    await digestsEqual()
  })

  it('anybody’s phone may hand in what is behind a part, though it cannot open it', async () => {
    await reports(driller)
    const file = await driller.team.file(TEAM)
    expect(await blaster.takeIn(file)).toMatchObject({ kind: 'bundle', segments: 1, fresh: 1 })
    await comesUp(1)
    expect(w.server.row('hazard', HAZARD)).toBeDefined()
  })

  it('a phone that was reported lost forgets keys and parts', async () => {
    await joins()
    await reports(driller)
    await gives()
    for (const { device, user } of w.server.state.devices.values()) if (user === BLASTER) w.server.lost.add(device)
    await comesUp(1)
    const { text: db } = await openDatabases(phones[1].idb, () => {})
    expect([await db.teams.count(), await db.parts.count()]).toEqual([0, 0])
  })
})

/** What may happen between the two, in any order. */
type Step = ['reports' | 'notes' | 'gives' | 'files' | 'comes up', who: 0 | 1, which: number]
const step: fc.Arbitrary<Step> = fc.tuple(fc.constantFrom('reports', 'notes', 'gives', 'files', 'comes up'), fc.constantFrom(0, 1), fc.nat(2)) as fc.Arbitrary<Step>
const idOf = (n: number) => `00000000-0000-7000-8000-0000000004${n.toString().padStart(2, '0')}`

it('in whatever order they work, give and come up, both end with the server’s rows and each act there once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      ({ w, phones, driller, blaster, joins, gives, comesUp } = await pair())
      await joins()
      let acts = 0
      for (const [what, who, which] of steps) {
        w.forward(1_000)
        const [engine, other] = who === 0 ? [driller, blaster] : [blaster, driller]
        const seen = await hazards(engine)
        const target = seen.length > 0 ? (seen[which % seen.length]![0] as string) : null
        if (what === 'reports') await reports(engine, idOf(acts++))
        if (what === 'notes' && target) await engine.act('hazard.note@1', target, { note: `${acts++}` }, { barrier: true })
        if (what === 'gives') await gives(engine, other)
        if (what === 'files') await other.team.receive(TEAM, await engine.team.file(TEAM), MEMBERS)
        if (what === 'comes up') {
          await comesUp(who)
          phones[who].connected = false
        }
        // Nothing is there twice, and what is nobody's here is nobody's unsent work.
        const shown = (await hazards(engine)).map(([id]) => id)
        expect(new Set(shown).size).toBe(shown.length)
      }
      for (const who of [0, 1, 0, 1] as const) await comesUp(who)
      const there = [...w.server.state.rows.values()].filter(({ collection }) => collection === 'hazard').map(({ id, ver, row }) => [id, row.what, ver]).sort()
      for (const engine of [driller, blaster]) {
        expect((await hazards(engine)).sort()).toEqual(there)
        expect([await now(engine.unsent), (await now(engine.state)).diverged]).toEqual([[], []])
      }
      expect(w.server.state.ids.size).toBe(acts)
      for (const engine of [driller, blaster]) engine.close()
    }),
    { numRuns: 15 },
  )
}, 120_000)
