/**
 * The promises of the design, against the server's own engine, whatever goes wrong in whatever order.
 *
 * The numbers are those of the design: 1 every frozen mutation comes to an end that is seen, 2 once, 3 digests equal at
 * rest, 4 a hash never changes, 5 no row outside the grants (see `County.hears`), 7 a restored server gets the work
 * again; 6 is upgrade.test.ts. SOAK=<runs> makes it longer.
 */
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { County, PEOPLE, SITES, type Fault, type Handset } from './testing/county'
import { PythonServer } from './testing/python'
import { now } from './testing/world'

const RUNS = Number(process.env.SOAK ?? 10)
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]

let server: PythonServer
beforeAll(() => {
  server = new PythonServer()
})
afterAll(() => server.end())

const named = <N extends string>(...names: N[]) => fc.constantFrom(...names).map((name) => ({ do: name }))
const phone = fc.nat(1)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('opens'), phone, site: fc.constantFrom(...SITES) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('does'), phone, sheet: fc.nat(20), op: fc.constantFrom('answer@1', 'answer@1', 'note@1', 'move@1', 'delete@1', 'crash@1', 'refuse@1', 'unknown@9'), value: fc.nat(3) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('ticks', 'sends', 'is killed', 'offline', 'online', 'expires', 'changes hands', 'forgets his PIN', 'is lost'), phone }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('fault'), phone, fault: fc.constantFrom<Fault>('unreachable', 'dies', 'reply lost', 'hotel', 'killed', 413, 500) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('clock'), phone, error: fc.constantFrom(0, -DAY, HOUR, 10 * MINUTE) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('waits'), ms: fc.constantFrom(1, 31_000, HOUR, DAY) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('grant'), person: fc.nat(2), scopes: fc.subarray([...SITES]) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('again'), index: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('carries'), phone, back: fc.boolean() }) },
  { weight: 2, arbitrary: named('backup', 'restore', 'upkeep') },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

class Story {
  private readonly sheets: string[] = []
  /** Hash by device and seq, of everything that was ever frozen. */
  readonly frozen = new Map<string, string>()

  constructor(private readonly county: County) {}

  async take(step: Step): Promise<void> {
    const { county } = this
    const at = 'phone' in step ? county.phones[step.phone]! : county.phones[0]!
    if ('site' in step) {
      const id = at.engine.newId()
      this.sheets.push(id)
      await at.engine.act('sheet.open@2', id, { scope: step.site, title: step.site }, { barrier: true })
    } else if ('op' in step) await this.does(at, step)
    else if ('fault' in step) at.faults.push(step.fault)
    else if ('error' in step) at.error = step.error
    else if ('ms' in step) await county.passes(step.ms)
    else if ('scopes' in step) await server.call('grant', PEOPLE[step.person], step.scopes)
    else if ('index' in step) await this.again(step.index)
    else if ('back' in step) await this.carries(at, county.phones[1 - step.phone]!, step.back)
    else if ('phone' in step) await this.happens(step.do, at)
    else await server.call(step.do)
    await this.watch()
  }

  private async does(at: Handset, { sheet, op, value }: { sheet: number; op: string; value: number }): Promise<void> {
    const id = this.sheets[sheet % this.sheets.length]
    if (!id) return
    const args: Record<string, object> = {
      'answer@1': { [`I${value % 2}`]: { result: ['pass', 'fail', 'na'][value % 3] } }, 'note@1': { text: `${value}` }, 'move@1': { scope: SITES[value % 3] },
    }
    await at.engine.act(`sheet.${op}`, id, (args[op] ?? {}) as Record<string, unknown>)
  }

  private async happens(what: string, at: Handset): Promise<void> {
    if (what === 'ticks' || what === 'sends') await this.speaks(at, what === 'sends')
    else if (what === 'is killed') await at.killed()
    else if (what === 'offline' || what === 'online') at.connected = what === 'online'
    else if (what === 'expires') at.renewable = Boolean((at.session = null))
    else if (what === 'changes hands' && at === this.county.phones[0]) {
      await at.engine.lock()
      await at.enters(PEOPLE[at.user === PEOPLE[0] ? 1 : 0]!)
    } else if (what === 'forgets his PIN') {
      await at.forgets()
    } else if (what === 'is lost') {
      const device = await at.look(async ({ text }) => (await text.vaults.where('user').equals(at.user).toArray()).find(({ retired }) => !retired)?.device)
      if (device && (await this.known(device))) await server.call('lost', device)
    }
  }

  /** A page that is killed while it waits for an answer never goes on. */
  private async speaks(at: Handset, all: boolean): Promise<void> {
    const dies = at.faults.includes('killed')
    const spoken = at.engine.tick({ eager: true, all })
    if (!dies) return spoken
    const waits = async () => {
      while (at.faults.includes('killed')) await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.race([spoken, waits()])
    // The server may be at it still: what it commits, it commits.
    await server.state()
    at.revive()
    await at.killed()
  }

  /** The network delivers an old request once more; nobody hears the answer. */
  private async again(index: number): Promise<void> {
    const { sent } = this.county
    if (sent.length > 0) await this.county.hears(sent[index % sent.length]!)
  }

  private async carries(from: Handset, by: Handset, back: boolean): Promise<void> {
    await by.engine.takeIn((await from.engine.exportUnsent()).text)
    if (!back) return
    await this.speaks(by, false)
    await from.engine.takeIn((await by.engine.exportReceipts()).text)
  }

  private async known(device: string): Promise<boolean> {
    return (await server.call<string[]>('devices')).includes(device)
  }

  /** 4: what was frozen under a number keeps its hash. */
  private async watch(): Promise<void> {
    for (const phone of this.county.phones) {
      for (const { device, seq, hash } of await phone.look(({ text }) => text.outbox.toArray())) {
        const before = this.frozen.get(`${device}/${seq}`)
        expect(before ?? hash).toBe(hash)
        this.frozen.set(`${device}/${seq}`, hash)
      }
    }
  }

  /** The network holds, and everybody in turn unlocks the phone, signs in and presses “send”. */
  async rests(): Promise<void> {
    const { county } = this
    for (let round = 0; round < 2; round++) {
      for (const [at, users] of [[county.phones[0]!, [0, 1]], [county.phones[1]!, [2]]] as const) {
        Object.assign(at, { connected: true, faults: [], error: 0 })
        for (const index of users) {
          await at.engine.lock()
          await at.enters(PEOPLE[index]!)
          for (let n = 0; n < 2; n++) {
            await county.passes(400_000)
            await at.engine.sendNow()
          }
        }
      }
    }
    await this.watch()
  }

  async allIsWell(): Promise<void> {
    const { ends, effects, sheets, grants } = await server.state()
    const became = new Map<string, string>()
    for (const [hash, status] of ends) if (status !== 'duplicate' || !became.has(hash)) became.set(hash, status)
    for (const [name, hash] of this.frozen) expect(became.get(hash), `promise 1, ${name}`).toMatch(/^(applied|merged|conflict|held|quarantined)$/)
    for (const [id, count] of Object.entries(effects)) expect([id, count], 'promise 2').toEqual([id, 1])
    for (const at of this.county.phones) {
      expect(await at.unfrozen(), 'promise 1: taps that were never frozen').toBe(0)
      expect((await now(at.engine.state)).diverged, 'promise 3').toEqual([])
      await at.look(async ({ text }) => {
        for (const row of await text.outbox.filter(({ gone }) => !gone).toArray()) expect(row.status, `promise 1, seen ${row.device}/${row.seq}`).toBe(became.get(row.hash))
        for (const { vault, user } of await text.vaults.filter(({ retired }) => !retired).toArray()) {
          const granted = grants.filter(([who]) => who === user).map(([, scope]) => scope)
          const his = Object.values(sheets).filter((scope) => granted.includes(scope))
          expect(await text.rows.where('vault').equals(vault).count(), 'promise 5').toBe(his.length)
        }
      })
    }
  }
}

it('whatever goes wrong, the promises hold', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (script) => {
    const county = await County.open(server)
    const story = new Story(county)
    for (const step of script) await story.take(step)
    await story.rests()
    await story.allIsWell()
    county.close()
  }), { numRuns: RUNS, ...(process.env.SOAK ? {} : { seed: 20260302 }), endOnFailure: true })
}, process.env.SOAK ? 3_600_000 : 120_000)
