/** What goes from state to state, done underground on what a colleague did before. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Engine } from './index'
import { pair, type Pair } from './testing/pair'
import { answer, now, SHEET, TEAM } from './testing/world'

let world: Pair
beforeEach(async () => {
  world = await pair()
})

describe('a step', () => {
  const step = (engine: Engine, from: string, to: string) => engine.act('sheet.move@1', SHEET, { from, to }, { barrier: true })
  const steps = () => [...world.w.server.state.stored.values()].flatMap(({ entry }) => ('op' in entry && entry.op === 'sheet.move@1' ? [entry] : []))

  it('that goes on from a colleague’s waits at the server for his; what does not, does not', async () => {
    await world.joins()
    await step(world.driller, 'draft', 'open')
    await world.gives()
    expect(await now(world.blaster.row('sheet', SHEET))).toMatchObject({ state: 'open' })
    await answer(world.blaster, 'I1', 'pass')
    await step(world.blaster, 'open', 'told')
    await world.comesUp(1)
    const [his] = (await now(world.blaster.team.parts(TEAM)))[0]!.acts
    expect(steps().map(({ deps }) => deps)).toEqual([[his!.id]])
    const answers = [...world.w.server.state.stored.values()].flatMap(({ entry }) => ('op' in entry && entry.op === 'sheet.answer@1' ? [entry.deps] : []))
    expect(answers).toEqual([[]])
  })

  it('that he could have done by himself waits for nobody', async () => {
    await world.joins()
    await step(world.driller, 'draft', 'open')
    await step(world.blaster, 'draft', 'open')
    await world.gives()
    await step(world.blaster, 'open', 'told')
    await world.comesUp(1)
    expect(steps().map(({ args, deps }) => [args.to, deps])).toEqual([['open', []], ['told', []]])
  })

  it('waits no more once the server’s row shows the colleague’s', async () => {
    await world.joins()
    await step(world.driller, 'draft', 'open')
    await world.gives()
    world.w.server.put('sheet', SHEET, 'mine:1', { team: TEAM, answers: {}, state: 'open' })
    await world.comesUp(1)
    await step(world.blaster, 'open', 'told')
    await world.blaster.sendNow()
    expect(steps().map(({ deps }) => deps)).toEqual([[]])
  })
})
