/** Two people of one team underground, each with his phone and the sheet; each is told who the other is. */
import type { Engine } from '../index'
import { BLASTER, DRILLER, enrolled, Phone, SHEET, TEAM, world } from './world'

export const MEMBERS = { [DRILLER]: { id: DRILLER, name: 'driller' }, [BLASTER]: { id: BLASTER, name: 'blaster' } }

export async function pair() {
  const w = await world()
  w.server.put('sheet', SHEET, 'mine:1', { team: TEAM, answers: {}, state: 'draft' })
  const one = await enrolled(w)
  const two = await enrolled(w, new Phone(w), BLASTER)
  const phones: [Phone, Phone] = [one.phone, two.phone]
  const [driller, blaster]: [Engine, Engine] = [one.engine, two.engine]
  for (const phone of phones) phone.connected = false
  return {
    w, phones, driller, blaster,
    /** The blaster scans the driller’s code. */
    joins: async () => blaster.team.join(TEAM, await driller.team.key(TEAM)),
    gives: async (from = driller, to = blaster) => to.team.receive(TEAM, await from.team.part(TEAM), MEMBERS),
    async comesUp(who: 0 | 1) {
      phones[who].connected = true
      w.server.session = w.server.renewable = [DRILLER, BLASTER][who]!
      await [driller, blaster][who]!.sendNow()
    },
  }
}

export type Pair = Awaited<ReturnType<typeof pair>>
