/**
 * Whatever happens, in whatever order: at rest the server has every act once, and the phone has the server's rows.
 *
 * The model is one line: the last value of each item, and every hazard. Shrunk stories print themselves.
 */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { nameOf } from './photos'
import { answer, BLASTER, begin, DRILLER, enrolled, now, SHEET, world, type Phone, type World } from './testing/world'
import type { Engine } from './index'

type Step =
  | { do: 'answer'; item: number; value: number }
  | { do: 'photo' | 'upload fails' | 'second tab' | 'report' | 'kill' | 'lock' | 'blaster' | 'tick' | 'eager' | 'wait' | 'backup' | 'restore' | 'offline' | 'online' | 'expire' | 'desk' }
  | { do: 'fault'; fault: 'unreachable' | 'reply lost' | 'hotel' | 413 | 500 }

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('answer' as const), item: fc.nat(3), value: fc.nat(9) }) },
  { weight: 6, arbitrary: fc.constantFrom('report', 'photo', 'upload fails', 'tick', 'eager', 'wait', 'offline', 'online', 'desk', 'expire').map((name) => ({ do: name }) as Step) },
  { weight: 1, arbitrary: fc.constantFrom('second tab', 'kill', 'lock', 'blaster', 'backup', 'restore').map((name) => ({ do: name }) as Step) },
  { weight: 4, arbitrary: fc.constantFrom('unreachable' as const, 'reply lost' as const, 'hotel' as const, 413 as const, 500 as const).map((fault) => ({ do: 'fault' as const, fault })) },
)

class Story {
  readonly answers: Record<string, number> = {}
  readonly hazards: string[] = []
  readonly photos: string[] = []
  private saved: ReturnType<World['server']['backup']>

  constructor(private readonly w: World, private readonly phone: Phone, private engine: Engine) {
    this.saved = w.server.backup()
  }

  async take(step: Step): Promise<void> {
    const { w, phone, engine } = this
    switch (step.do) {
      case 'answer':
        this.answers[`I${step.item}`] = step.value
        return answer(engine, `I${step.item}`, step.value)
      case 'report': {
        const id = engine.newId()
        this.hazards.push(id)
        return engine.act('hazard.report@1', id, { what: id }, { barrier: true })
      }
      case 'photo': {
        const bytes = new TextEncoder().encode(`photo ${this.photos.length}`)
        const sha = await nameOf(bytes)
        this.photos.push(sha)
        await engine.savePhoto(sha, { bytes, type: 'image/jpeg', facts: null })
        this.answers.photo = this.photos.length
        return answer(engine, 'photo', this.photos.length, SHEET, [sha])
      }
      case 'upload fails':
        phone.uploadFaults.push(0, 500)
        return
      case 'second tab': {
        const tab = await phone.tab()
        await tab.unlock(DRILLER, '1234')
        this.answers.tab = w.at
        await answer(tab, 'tab', w.at)
        await tab.tick({ eager: true })
        return tab.close()
      }
      case 'kill':
        engine.close()
        this.engine = await phone.tab()
        return void (await this.engine.unlock(DRILLER, '1234'))
      case 'lock':
        await engine.lock()
        await engine.tick({ eager: true })
        return void (await engine.unlock(DRILLER, '1234'))
      case 'blaster':
        await enrolled(w, phone, BLASTER).then(({ engine: other }) => other.close())
        return
      case 'tick':
      case 'eager':
        return engine.tick({ eager: step.do === 'eager' })
      case 'wait':
        return w.forward(20_000)
      case 'offline':
      case 'online':
        phone.connected = step.do === 'online'
        return
      case 'expire':
        w.server.session = null
        return
      case 'desk':
        return w.server.put('hazard', '00000000-0000-7000-8000-00000000de50', 'mine:1', { at: w.at })
      case 'backup':
        this.saved = w.server.backup()
        return
      case 'restore':
        return w.server.restore(this.saved)
      case 'fault':
        w.server.faults.push(step.fault)
    }
  }

  /** The network holds, and somebody presses “send”. */
  async rest(): Promise<Engine> {
    const { w, phone } = this
    phone.connected = true
    w.server.faults = []
    phone.uploadFaults = []
    w.server.session = w.server.renewable = DRILLER
    this.engine.signedIn()
    for (let n = 0; n < 4; n++) {
      w.forward(400_000)
      await this.engine.sendNow()
    }
    return this.engine
  }
}

it('nothing is lost, nothing is doubled, and both hold the same rows', async () => {
  await fc.assert(fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 30 }), async (script) => {
    const w = await world()
    const { phone, engine } = await enrolled(w)
    await begin(engine)
    const story = new Story(w, phone, engine)
    for (const step of script) await story.take(step)
    const last = await story.rest()

    expect(w.server.row('sheet', SHEET)).toMatchObject({ answers: story.answers })
    const reports = [...w.server.state.stored.values()].filter(({ entry, result }) => result.status === 'applied' && 'op' in entry && entry.op === 'hazard.report@1')
    const applied = reports.map(({ entry }) => 'entity' in entry && entry.entity)
    expect(new Set(applied)).toEqual(new Set(story.hazards))
    for (const id of story.hazards) expect(w.server.state.rows.get(`hazard/${id}`)).toMatchObject({ ver: 1 })
    expect([...w.server.state.blobs].sort()).toEqual([...story.photos].sort())
    expect([await now(last.unsent), await now(last.rejected), (await now(last.state)).diverged]).toEqual([[], [], []])
    expect((await now(last.row('sheet', SHEET)))!.answers).toEqual(story.answers)
    expect(await now(last.rows('hazard'))).toHaveLength([...w.server.state.rows.values()].filter(({ collection }) => collection === 'hazard').length)
    last.close()
  }), { numRuns: 25, seed: 20260302 })
}, 120_000)
