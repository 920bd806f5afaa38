/**
 * Which moves a person may make now, read from the server's table of moves (backend/kernel/workflow.py, as JSON).
 *
 * The table is data: the same one that the server obeys and the docs print. What is decided here only shows or
 * hides a button; the server judges again.
 */
import type { Bilingual } from './i18n'

/**
 * One row of the table.
 *
 * by: roles. when: columns of the row that must have these values. needs: evidence that must be given, by name.
 * unless_did: who did that act last may not do this one. signed: the doer signs. word: on the button.
 */
export interface Move {
  from: string
  act: string
  to: string
  by: string[]
  word: Bilingual
  when: Readonly<Record<string, string | undefined>>
  needs: string[]
  unless_did: string | null
  signed: boolean
}

export interface Moves {
  kind: string
  states: Record<string, Bilingual>
  moves: Move[]
}

/** The row to be moved: its own columns are what `when` looks at; `doers` says who did which act last. */
export interface Subject {
  state: string
  doers: Readonly<Record<string, string>>
}

export interface Actor {
  id: string
  roles: readonly string[]
}

/** The moves open to this person for this row, in the table's order. */
export function movesFor(table: Moves, subject: Subject, actor: Actor): Move[] {
  const columns = subject as unknown as Record<string, unknown>
  return table.moves.filter(
    (move) =>
      move.from === subject.state &&
      Object.entries(move.when).every(([column, value]) => columns[column] === value) &&
      move.by.some((role) => actor.roles.includes(role)) &&
      !(move.unless_did && subject.doers[move.unless_did] === actor.id),
  )
}

/** What a move still lacks, by name, judged as the server does: blank, empty or not there. 0 is a value. */
export function lacking(move: Pick<Move, 'needs' | 'signed'>, given: Readonly<Record<string, unknown>>): string[] {
  const empty = (value: unknown) =>
    value === undefined || value === null || (typeof value === 'string' && !value.trim()) || (Array.isArray(value) && value.length === 0)
  return [...move.needs, ...(move.signed ? ['signature'] : [])].filter((need) => empty(given[need]))
}
