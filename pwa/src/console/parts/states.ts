import type { Moves } from '@/shared/workflow'

/** The states of a table in the order in which a thing goes through them. */
export const inOrder = (table: Moves): string[] => [...new Set([...table.moves.map(({ from }) => from), ...table.moves.map(({ to }) => to)])]
