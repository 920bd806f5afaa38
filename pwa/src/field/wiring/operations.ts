/** The field's operations, declared to the sync engine. */
import type { Get, Operation as EngineOperation, Operations as EngineOperations, Put } from '@/sync'
import { effects, type Effect, type Surroundings } from '../effects'
import type { Me, Operation } from '../ports'

/** The engine knows neither our rows nor our arguments: here, and only here, they lose their types. */
function declared({ collection, reads, put, fold }: Effect<never>): EngineOperation {
  return {
    collection,
    reads,
    effect: ({ id, entity, args, wall }, get: Get, profile) =>
      put(entity, args as never, { get: get as Surroundings['get'], me: profile as Me, now: wall, id }) as unknown as Put[],
    ...(fold && { fold: fold as unknown as NonNullable<EngineOperation['fold']> }),
  }
}

export const operations: EngineOperations = Object.fromEntries(
  (Object.keys(effects) as Operation[]).map((name) => [name, declared(effects[name] as unknown as Effect<never>)]),
)
