// Expressions and whole lists against the shared vectors; an edit at a time must come to the same as all at once.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe as group, expect, test } from 'vitest'
import { judgeSubmission, openSheet, resolve } from '.'
import type { Answer, Answers, Expression, FormDefinition, PinnedLimits, Problem, SubmissionVerdict, Value } from '.'
import { evaluate, type Scope } from './evaluate'
import { asInstant, TIME_ZONE } from './values'

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../forms/vectors/${name}.json`, import.meta.url), 'utf-8')) as T
}

interface Expressions {
  now: string
  own: Value
  items: Record<string, Value>
  rows: Record<string, Value[]>
  sections: Record<string, number>
  cases: { it?: string; text?: string; tree: Expression; value: Value }[]
}

group('an expression has its value', () => {
  const { now, own, items, rows, sections, cases } = read<Expressions>('expressions')
  const its = <T>(record: Record<string, T>, name: string): T | null => (Object.hasOwn(record, name) ? record[name]! : null)
  const scope: Scope = {
    own, now: asInstant(now), timeZone: TIME_ZONE,
    item: (name) => its(items, name), every: (name) => its(rows, name), rows: (name) => its(sections, name),
  }
  test.each(cases.map((one) => ({ ...one, name: one.it ?? one.text })))('$name', ({ tree, value }) => {
    expect(evaluate(tree, scope)).toEqual(value)
  })
})

interface SheetCase {
  it: string
  form: string
  answers: Answers
  asked?: string[]
  zones?: string[]
  time_zone?: string
  items: Record<string, string>
  values?: Record<string, Value>
  reasons?: Record<string, (string | [string, Problem['params']])[]>
  irrelevant?: string[]
  strangers?: string[]
  lacking?: [string, string][]
  counts?: SubmissionVerdict['counts']
  danger?: string[]
  score?: { value: number | null; passed: boolean | null; level: string | null; vetoed: string[] }
}

const { now, definitions, cases } = read<{ now: string; definitions: Record<string, FormDefinition>; cases: SheetCase[] }>('sheets')
const limitsOf = (definition: FormDefinition): PinnedLimits => resolve(definition, {}, {}, now.slice(0, 10))

group('a list is judged with all that depends on all', () => {
  test.each(cases)('$it', (wanted) => {
    const definition = definitions[wanted.form]!
    const found = judgeSubmission(definition, limitsOf(definition), wanted.answers, now, wanted.asked, wanted.time_zone, wanted.zones)
    expect(Object.fromEntries(Object.entries(found.items).map(([key, { result }]) => [key, result]))).toEqual(wanted.items)
    for (const [key, value] of Object.entries(wanted.values ?? {})) expect(found.items[key]!.value).toBe(value)
    for (const [key, reasons] of Object.entries(wanted.reasons ?? {}))
      expect(found.items[key]!.reasons.map(({ code, params }, n) => (typeof reasons[n] === 'string' ? code : [code, params]))).toEqual(reasons)
    expect(found.irrelevant).toEqual(wanted.irrelevant ?? [])
    expect(found.strangers).toEqual(wanted.strangers ?? [])
    if (wanted.lacking) expect(found.lacking.map(({ item, code }) => [item, code])).toEqual(wanted.lacking)
    if (wanted.counts) expect(found.counts).toEqual(wanted.counts)
    if (wanted.danger) expect(Object.keys(found.items).filter((key) => found.items[key]!.danger)).toEqual(wanted.danger)
    const { score } = found
    if (wanted.score) expect(score && { ...score, level: score.level && score.level.zh }).toEqual(wanted.score)
  })
})

group('an edit at a time comes to the same', () => {
  const values: fc.Arbitrary<Answer | null> = fc.oneof(
    fc.constant(null),
    fc.record({ result: fc.constantFrom('pass', 'fail', 'na') }, { requiredKeys: [] }) as fc.Arbitrary<Answer>,
    fc.constantFrom<Answer>({ value: 0 }, { value: 5, result: 'pass' }, { value: 501 }, { value: 'yes' }, { value: 'no' }, { value: 'a' }, { value: 'a c' }, { value: '08:00' }, { value: '07:00' }, { value: 31 }),
  )
  test.each(Object.entries(definitions))('%s', (_, definition) => {
    const limits = limitsOf(definition)
    const keys = definition.sections.flatMap(({ items, repeat }) =>
      items.flatMap(({ id }) => (repeat ? [`${id}@a`, `${id}@b`, `${id}@c`] : [id])))
    const edits = fc.array(fc.tuple(fc.constantFrom(...keys, 'gone'), values), { maxLength: 12 })
    const asked = fc.option(fc.subarray(definition.sections.flatMap(({ items }) => items.map(({ id }) => id))), { nil: undefined })
    fc.assert(fc.property(edits, asked, (steps, due) => {
      const sheet = openSheet(definition, limits, now, { asked: due })
      const answers: Record<string, Answer | null> = {}
      let before = sheet.result
      for (const [key, answer] of steps) {
        answers[key] = answer
        const preview = key === 'gone' ? null : sheet.preview(key, answer)
        const touched = sheet.set(key, answer)
        const atOnce = judgeSubmission(definition, limits, answers as Answers, now, due)
        expect(sheet.result).toEqual(atOnce)
        // Whoever draws again what was touched shows all that changed.
        for (const one of new Set([...Object.keys(before.items), ...Object.keys(atOnce.items)])) {
          const isGone = atOnce.items[one] === undefined && one.includes('@') // a row may be shown before it is begun
          if (!isGone) expect(sheet.verdict(one) ?? undefined).toEqual(atOnce.items[one])
          if (!touched.includes(one)) expect(atOnce.items[one]).toEqual(before.items[one])
        }
        const shown = atOnce.items[key]
        if (preview && shown && shown.value === undefined) expect(preview.result).toBe(shown.result)
        before = sheet.result
      }
    }), { numRuns: 150 })
  })
})

test('an answer that makes another one a danger has that one looked at again', () => {
  const definition = definitions['relevance']!
  const sheet = openSheet(definition, limitsOf(definition), now, { answers: { working: { value: 'yes' }, gas: { value: 31 } } })
  expect(sheet.verdict('gas')!.danger).toBe(null)
  expect(sheet.set('fan', { result: 'fail' })).toContain('gas')
  expect(sheet.verdict('gas')!.danger?.act.zh).toBe('撤人')
})

test('a row that nobody has begun can be shown', () => {
  const definition = definitions['repeat']!
  const sheet = openSheet(definition, limitsOf(definition), now, { answers: { on: { value: 'yes' } } })
  expect(sheet.rows('face')).toEqual([])
  expect([sheet.relevant('crew@new'), sheet.relevant('gas@new'), sheet.relevant('face')]).toEqual([true, false, true])
  expect(sheet.verdict('crew@new')!.result).toBe('open')
  expect(sheet.set('crew@new', { value: 2 })).toEqual(expect.arrayContaining(['crew@new', 'gas@new', 'total', 'faces']))
  expect([sheet.rows('face'), sheet.relevant('gas@new'), sheet.value('total')]).toEqual([['new'], true, 2])
})

test('the sheet is not changed by looking at what an answer would do', () => {
  const definition = definitions['repeat']!
  const sheet = openSheet(definition, limitsOf(definition), now)
  expect(sheet.preview('on', { value: 'yes' }).result).toBe('pass')
  expect(sheet.verdict('on')!.result).toBe('open')
})
