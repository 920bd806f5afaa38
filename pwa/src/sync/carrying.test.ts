/** Work that goes by hand: out of one phone as a file, into another, to the server, and its receipts back. */
import { beforeEach, describe, expect, it } from 'vitest'
import { kindOf } from './bundle'
import { hex, utf8 } from './bytes'
import { sha256 } from './canonical'
import { openDatabases } from './db'
import { answer, begin, BLASTER, DRILLER, enrolled, now, OTHER_SHEET, Phone, SHEET, sign, world, type World } from './testing/world'
import type { Engine } from './index'

let w: World
beforeEach(async () => {
  w = await world()
})

const opsBrought = () => [...w.server.state.stored.values()].map(({ entry }) => ('op' in entry ? entry.op : 'void'))

/** A driller underground with a signed list, and a colleague on his way up. */
async function underground(): Promise<{ driller: Engine; phone: Phone; carrier: Engine; carriers: Phone }> {
  const { phone, engine: driller } = await enrolled(w)
  phone.connected = false
  await begin(driller)
  await answer(driller, 'I1', 'SECRET')
  await sign(driller)
  const { phone: carriers, engine: carrier } = await enrolled(w, new Phone(w), BLASTER)
  carriers.connected = false
  await carrier.tick({ eager: true })
  return { driller, phone, carrier, carriers }
}
const reframed = (text: string) => {
  const body = text.split('\n').slice(0, -2).join('\n') + '\n'
  return `${body}END ${body.split('\n').length - 2} ${hex(sha256(utf8(body)))}\n`
}

describe('a file of unsent work', () => {
  it('goes by a colleague’s phone, and its receipts conclude it without any network', async () => {
    const { driller, carrier, carriers } = await underground()
    const { text } = await driller.exportUnsent()
    expect(await carrier.takeIn(text)).toEqual({ kind: 'bundle', segments: 1, fresh: 1 })
    expect(await now(carrier.carried)).toMatchObject([{ count: 3, state: 'waiting', problem: null }])
    await carrier.tick({ eager: true })
    expect(opsBrought()).toEqual([])
    carriers.connected = true
    await carrier.tick({ eager: true })
    expect(w.server.row('sheet', SHEET)).toMatchObject({ state: 'signed', answers: { I1: 'SECRET' } })
    expect(await now(carrier.carried)).toMatchObject([{ count: 3, state: 'handed in' }])

    const { name, text: receipts } = await carrier.exportReceipts()
    expect([name, kindOf(receipts)]).toEqual(['kuangjian-receipts-202603020800.txt', 'receipts'])
    expect(await driller.takeIn(receipts)).toEqual({ kind: 'receipts', receipts: 1, own: 1 })
    expect((await now(driller.status(SHEET)))!.state).toBe('delivered')
    expect(await now(driller.unsent)).toEqual([])
    // The server's row has not come: what was done here stays on the screen.
    expect(await now(driller.row('sheet', SHEET))).toMatchObject({ state: 'signed', ver: 0 })
    expect((await driller.exportUnsent()).text.split('\n')).toHaveLength(3)
  })

  it('and the network together have the effect of one, whichever is first', async () => {
    const { driller, phone, carrier, carriers } = await underground()
    const { text } = await driller.exportUnsent()
    carriers.connected = phone.connected = true
    await carrier.takeIn(text)
    await carrier.tick({ eager: true })
    await driller.tick({ eager: true })
    expect(opsBrought()).toEqual(['sheet.begin@1', 'sheet.answer@1', 'sheet.sign@1'])
    await begin(driller, OTHER_SHEET)
    const later = (await driller.exportUnsent()).text
    await driller.sendNow()
    expect(await carrier.takeIn(later)).toMatchObject({ fresh: 1 })
    expect(await carrier.takeIn(later)).toMatchObject({ fresh: 0 })
    await carrier.sendNow()
    expect(opsBrought()).toEqual(['sheet.begin@1', 'sheet.answer@1', 'sheet.sign@1', 'sheet.begin@1'])
    expect(w.server.row('sheet', SHEET)).toMatchObject({ state: 'signed' })
    await driller.takeIn((await carrier.exportReceipts()).text)
    expect([await now(driller.unsent), (await now(driller.state)).diverged]).toEqual([[], []])
  })

  it('cannot be read on the way, nor on the carrier’s disk', async () => {
    const { driller, carrier, carriers } = await underground()
    const { text } = await driller.exportUnsent()
    await carrier.takeIn(text)
    const { text: db } = await openDatabases(carriers.idb, () => {})
    for (const seen of [text, JSON.stringify(await db.carried.toArray())]) {
      for (const word of ['SECRET', 'sheet', SHEET, DRILLER]) expect(seen).not.toContain(word)
    }
  })

  it('in which one letter was changed is refused in words, and nothing of it is taken', async () => {
    const { driller, carrier } = await underground()
    const { text } = await driller.exportUnsent()
    for (const at of [25, 70, 200, text.length - 10]) {
      const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
      await expect(carrier.takeIn(changed)).rejects.toMatchObject({ code: 'file.damaged' })
    }
    await expect(carrier.takeIn(text.slice(0, 300))).rejects.toMatchObject({ code: 'file.damaged' })
    await expect(carrier.takeIn('a photo')).rejects.toMatchObject({ code: 'file.foreign' })
    expect(await now(carrier.carried)).toEqual([])
  })

  it('that a clever carrier changed and summed up again is refused by the server, and the true one still arrives', async () => {
    const { driller, carrier, carriers } = await underground()
    const { text } = await driller.exportUnsent()
    const lines = text.split('\n')
    lines[1] = lines[1]!.slice(0, -20) + (lines[1]!.at(-20) === 'A' ? 'B' : 'A') + lines[1]!.slice(-19)
    await carrier.takeIn(reframed(lines.join('\n')))
    carriers.connected = true
    await carrier.tick({ eager: true })
    expect(await now(carrier.carried)).toMatchObject([{ state: 'refused', problem: { code: 'sealed.unopenable' } }])
    expect(opsBrought()).toEqual([])
    await carrier.takeIn(text)
    await carrier.sendNow()
    expect((await now(carrier.carried)).map(({ state }) => state).sort()).toEqual(['handed in', 'refused'])
    expect(w.server.row('sheet', SHEET)).toMatchObject({ state: 'signed' })
    // Its receipt says that nothing was taken of the false one, and of the true one all.
    await driller.takeIn((await carrier.exportReceipts()).text)
    expect((await now(driller.status(SHEET)))!.state).toBe('delivered')
  })

  it('goes again after a network that failed, later each time, in halves where it is too much at once', async () => {
    const { driller, phone, carrier, carriers } = await underground()
    await carrier.takeIn((await driller.exportUnsent()).text)
    for (let n = 0; n < 4; n++) {
      await begin(driller, `00000000-0000-7000-8000-0000000002${n.toString().padStart(2, '0')}`)
      await driller.lock()
      await driller.unlock(DRILLER, '1234')
      await carrier.takeIn((await driller.exportUnsent()).text)
    }
    expect(phone.connected).toBe(false)
    carriers.connected = true
    w.server.most = 2
    w.server.faults = ['unreachable', 'unreachable']
    await carrier.tick({ eager: true })
    await carrier.tick()
    expect(w.server.bundles).toEqual([])
    w.forward(3_000)
    await carrier.tick()
    expect(w.server.bundles).toEqual([5, 2, 2, 1])
    expect(opsBrought()).toHaveLength(7)
  })
})

describe('receipts', () => {
  it('that the server did not sign conclude nothing', async () => {
    const { driller, carrier, carriers } = await underground()
    carriers.connected = true
    await carrier.takeIn((await driller.exportUnsent()).text)
    await carrier.sendNow()
    const { text } = await carrier.exportReceipts()
    const forged = reframed(text.replace('"status":"applied"', '"status":"merged"'))
    await expect(driller.takeIn(forged)).rejects.toMatchObject({ code: 'receipt.forged' })
    expect((await now(driller.status(SHEET)))!.state).toBe('waiting')
    expect(await carrier.takeIn(text)).toEqual({ kind: 'receipts', receipts: 1, own: 0 })
  })

  it('are kept a month', async () => {
    const { driller, carrier, carriers } = await underground()
    carriers.connected = true
    await carrier.takeIn((await driller.exportUnsent()).text)
    await carrier.sendNow()
    w.forward(29 * 86_400_000)
    await carrier.tick({ eager: true })
    expect(await now(carrier.carried)).toHaveLength(1)
    w.forward(2 * 86_400_000)
    await carrier.tick({ eager: true })
    expect(await now(carrier.carried)).toEqual([])
  })
})
