/** The field's operations, declared to the sync engine. */
import type { Get, Operation as EngineOperation, Operations as EngineOperations, Put } from '@/sync'
import { effects, type Effect, type Surroundings } from '../effects'
import type { Operation } from '../ports'
import { sharing } from '../sharing'

/** Who did it: the open person, or the author of a part. */
export interface Doer { id: string; name: string; part?: boolean }

/** The engine knows neither our rows nor our arguments: here, and only here, they lose their types. */
function declared({ collection, reads, put, fold }: Effect<never>, shared: Shared | undefined): EngineOperation {
  return {
    collection,
    reads: shared ? [...new Set([...reads, collection, 'visit'])] : reads,
    effect({ id, entity, args, wall }, get: Get, profile) {
      const { part = false, ...me } = profile as Doer
      return put(entity, args as never, { get: get as Surroundings['get'], me, now: wall, id, part }) as unknown as Put[]
    },
    ...(fold && { fold: fold as unknown as NonNullable<EngineOperation['fold']> }),
    ...(shared && {
      team: ({ entity, args }, get) => shared.visit(entity, args, get),
      reached: ({ args }, row, user) => shared.reached(args, row, user),
    }),
  }
}

interface Shared { visit(entity: string, args: unknown, get: Get): string | null; reached(args: unknown, row: unknown, user: string): boolean }

export const operations: EngineOperations = Object.fromEntries(
  (Object.keys(effects) as Operation[]).map((name) => [name, declared(effects[name] as unknown as Effect<never>, (sharing as unknown as Record<string, Shared>)[name])]),
)
