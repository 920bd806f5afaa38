/** What a visit's team exchanges underground, on the sync engine. */
import { computed } from 'vue'
import type { Engine, PartAct } from '@/sync'
import { stamp } from '@/shared/when'
import type { ColleaguePart, TeamStore } from '../ports'
import { follow } from './live'
import type { Doer } from './operations'
import { worded } from './problems'

export function openTeam({ team }: Engine): TeamStore {
  return {
    joined: (visit) => follow(team.joined(visit)),
    key: (visit) => worded(() => team.key(visit)),
    join: (visit, key) => worded(() => team.join(visit, key)),
    code: () => team.code(),
    part: (visit) => worded(() => team.part(visit)),
    file: (visit) => worded(async () => ({ name: `kuangjian-part-${stamp().slice(0, 16).replace(/\D/g, '')}.txt`, text: await team.file(visit) })),
    receive: (visit, given, code) => worded(async () => {
      // His name is that of the visit's row, which the server made, not one that he gives himself.
      const members = Object.fromEntries(visit.team.map(({ user, name }) => [user, { id: user, name, part: true } satisfies Doer]))
      const { made, ...received } = await team.receive(visit.id, given, members, code)
      return { ...received, at: stamp(new Date(made)) }
    }),
    parts(visit) {
      const parts = follow(team.parts(visit))
      return computed(() => parts.value?.map(({ user, code, made, acts }): ColleaguePart => ({ user, code, at: stamp(new Date(made)), ...counted(acts) })))
    },
  }
}

function counted(acts: readonly PartAct[]): Pick<ColleaguePart, 'items' | 'hazards' | 'signed'> {
  const of = (op: string) => acts.filter((act) => act.op === op)
  const answers = Object.assign({}, ...of('submission.answer@1').map(({ args }) => args.answers)) as Record<string, unknown>
  return { items: Object.values(answers).filter(Boolean).length, hazards: of('hazard.report@1').length, signed: of('submission.sign@1').length > 0 }
}
