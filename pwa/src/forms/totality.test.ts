// Whatever stands in an answer, there is a verdict; tests/forms/test_totality.py is the same for the server.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describe, dueItems, judge, judgeSubmission, resolve, say } from '.'
import type { Answer, Answers, FormDefinition } from '.'
import { alone, evaluate } from './evaluate'

const vectors = new URL('../../../forms/vectors/judging.json', import.meta.url)
const { definition } = JSON.parse(readFileSync(vectors, 'utf-8')) as { definition: FormDefinition }
const { definitions: lists } = JSON.parse(readFileSync(new URL('sheets.json', vectors), 'utf-8')) as { definitions: Record<string, FormDefinition> }
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

test.each([definition, ...Object.values(lists)])('every submission of $key has a verdict that adds up', (list) => {
  const ids = list.sections.flatMap((section) => section.items.map(({ id }) => id))
  const key = fc.tuple(fc.constantFrom(...ids, 'gone', '__proto__'), fc.constantFrom('', '@a', '@b', '@', '@A')).map((parts) => parts.join(''))
  fc.assert(fc.property(fc.dictionary(key, answer) as fc.Arbitrary<Answers>, (answers) => {
    const { counts, complete, lacking } = judgeSubmission(list, {}, answers, now)
    expect(counts.pass + counts.fail + counts.na + counts.open).toBe(counts.total)
    expect(complete).toBe(lacking.length === 0)
  }))
})

test('every tree has a value, whatever it is', () => {
  const names = fc.constantFrom('op', 'args', 'item', 'self', '__proto__')
  const op = fc.constantFrom('or', 'if', '+', 'matches', 'sum', 'count', 'round', 'substr', 'concat', 'eval', 'constructor')
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ depthSize: 'small' }, anything, fc.dictionary(names, tie('tree')), fc.record({ op, args: fc.array(tie('tree'), { maxLength: 4 }) })),
  }))
  fc.assert(fc.property(tree, fc.oneof(fc.string(), fc.double(), fc.boolean()), (any, own) => {
    const value = evaluate(any, alone(own, null, 'Nowhere/At/All'))
    expect(value === null || ['string', 'number', 'boolean'].includes(typeof value)).toBe(true)
  }), { numRuns: 500 })
})

test('a definition that nobody checked is judged all the same', () => {
  const circle = { type: 'calculated', formula: { item: 'b' } } as const
  const broken: FormDefinition = {
    ...definition, sections: [{ id: 's', title: { zh: '节' }, relevant: { item: 'a' }, items: [
      { id: 'a', text: { zh: '甲' }, answer: circle }, { id: 'b', text: { zh: '乙' }, answer: { ...circle, formula: { item: 'a' } } },
      { id: 'c', text: { zh: '丙' }, answer: { type: 'check' } },
    ] }],
  }
  expect(judgeSubmission(broken, {}, { c: { result: 'fail' } }, now).items['c']?.result).toBe('fail')
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
