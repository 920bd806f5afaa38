// The plan of a move against the shared vectors; tests/forms/test_move.py is the same for the server.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { plan, type Plan } from './move'
import type { FormDefinition } from './types'

interface Case extends Plan { it: string; edits: [string, unknown][]; answers: unknown }
const path = new URL('../../../forms/vectors/move.json', import.meta.url)
const { old, cases } = JSON.parse(readFileSync(path, 'utf-8')) as { old: FormDefinition; cases: Case[] }

/** A copy with each [JSON pointer, value] set; null takes away, `-` appends. */
function edited(form: FormDefinition, edits: [string, unknown][]): FormDefinition {
  const made = structuredClone(form)
  for (const [pointer, value] of edits) {
    const steps = pointer.split('/').slice(1)
    const last = steps.pop()!
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const at = steps.reduce<any>((inner, step) => inner[step], made)
    if (last === '-') at.push(value)
    else if (value === null && Array.isArray(at)) at.splice(Number(last), 1)
    else if (value === null) delete at[last]
    else at[last] = value
  }
  return made
}

test.each(cases)('$it', ({ edits, answers, carried, kept, again, added }) => {
  expect(plan(old, edited(old, edits), answers)).toEqual({ carried, kept, again, added })
})

test.each([[null], [7], ['x'], [[]], [{ __proto__: null, constructor: 1 }]])('answers may be anything: %j', (answers) => {
  expect(plan(old, old, answers).carried).toEqual({})
})
