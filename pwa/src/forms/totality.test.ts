// Whatever stands in an answer, there is a verdict; tests/forms/test_totality.py is the same for the server.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describe, dueItems, judge, judgeSubmission, resolve, say } from '.'
import type { Answer, Answers, FormDefinition } from '.'

const vectors = new URL('../../../forms/vectors/judging.json', import.meta.url)
const { definition } = JSON.parse(readFileSync(vectors, 'utf-8')) as { definition: FormDefinition }
const items = definition.sections[0]!.items
const now = '2026-03-02T08:00:00+08:00'
const words = fc.constantFrom('', ' ', 'pass', 'fail', 'na', 'forced', 'cage', '2026-02-01', `sha256:${'a'.repeat(64)}`, 'photo')
const anything = fc.oneof(words, fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }))
const fields = ['result', 'value', 'case', 'note', 'photos', 'place', 'waiver']
const answer = fc.oneof(anything, fc.dictionary(fc.constantFrom(...fields), anything)) as fc.Arbitrary<Answer>

test('every answer has a verdict in words', () => {
  const limits = resolve(definition, {}, {}, '2026-03-02')
  fc.assert(fc.property(fc.constantFrom(...items), answer, fc.string(), (item, given, zone) => {
    const verdict = judge(item, given, limits[item.id], now, zone)
    expect(['pass', 'fail', 'na', 'open']).toContain(verdict.result)
    for (const problem of [...verdict.reasons, ...verdict.problems]) expect(say(problem, 'zh', definition)).not.toBe('')
  }), { numRuns: 500 })
})

test('every submission has a verdict that adds up', () => {
  fc.assert(fc.property(fc.dictionary(fc.constantFrom(...items.map(({ id }) => id), 'gone'), answer) as fc.Arbitrary<Answers>, (answers) => {
    const { counts, complete, lacking } = judgeSubmission(definition, {}, answers, now)
    expect(counts.pass + counts.fail + counts.na + counts.open).toBe(counts.total)
    expect(complete).toBe(lacking.length === 0)
  }))
})

test('limits are pinned from any parameters and can be read', () => {
  const parameters = fc.dictionary(fc.constantFrom('alarm_level', 'employees', 'ventilation', 'crew_max'), anything)
  fc.assert(fc.property(parameters, parameters, fc.string(), (site, place, on) => {
    const limits = resolve(definition, site, place, on)
    for (const item of items) for (const problem of describe(item, limits[item.id] ?? [])) expect(say(problem)).not.toBe('')
  }))
})

test('what is due can always be said', () => {
  const times = fc.dictionary(fc.constantFrom(...items.map(({ id }) => id)), anything as fc.Arbitrary<string>)
  fc.assert(fc.property(times, fc.string(), fc.string(), (lastDone, at, timeZone) => {
    expect(dueItems(definition, lastDone, { now: at, timeZone }).length).toBe(items.length)
    expect(dueItems(definition, lastDone, { now, timeZone }).length).toBe(items.length)
  }))
})
