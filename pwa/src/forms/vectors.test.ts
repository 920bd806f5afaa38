// The phone's engine against the shared vectors; tests/forms/test_vectors.py is the same for the server.

import { readFileSync } from 'node:fs'
import npmCanonicalize from 'canonicalize'
import { describe as group, expect, test } from 'vitest'
import { canonical, describe, isDue, judge, judgeSubmission, resolve, say } from '.'
import type { Answer, Answers, FormDefinition, Frequency, Item, Limit, PinnedLimits, Problem, SubmissionVerdict } from '.'
import { version } from './version'

interface Vectors<Case, Head = object> { cases: Case[]; head: Head }

function read<Case, Head = object>(name: string): Vectors<Case, Head> {
  const path = new URL(`../../../forms/vectors/${name}.json`, import.meta.url)
  const { cases, ...head } = JSON.parse(readFileSync(path, 'utf-8')) as { cases: Case[] } & Head
  return { cases, head: head as Head }
}

const title = { zh: '用例' }
const form = (items: Item[], parameters: FormDefinition['parameters'] = {}): FormDefinition =>
  ({ schema: 'form/1', key: 'vectors', kind: 'patrol', title, parameters, sections: [{ id: 'all', title, items }] })

/** A bare code expects the code; [code, params] expects both. */
type Expected = (string | [string, Problem['params']])[]
const like = (found: Problem[], expected: Expected = []) =>
  found.map(({ code, params }, index) => (typeof expected[index] === 'string' ? code : [code, params]))

interface JudgingCase {
  it: string; item: string; answer: Answer | null; result: string; danger?: true; pinned?: PinnedLimits[string] | null
  reasons?: Expected; problems?: Expected; needs?: string[]
}
interface JudgingHead { now: string; site: Record<string, unknown>; jurisdiction: Record<string, unknown>; definition: FormDefinition }

group('an answer is judged', () => {
  const { cases, head } = read<JudgingCase, JudgingHead>('judging')
  const limits = resolve(head.definition, head.site, head.jurisdiction, head.now.slice(0, 10))
  test.each(cases)('$it', (wanted) => {
    const item = head.definition.sections[0]!.items.find(({ id }) => id === wanted.item)!
    const verdict = judge(item, wanted.answer, 'pinned' in wanted ? (wanted.pinned ?? undefined) : limits[item.id], head.now)
    expect(verdict.result).toBe(wanted.result)
    expect(verdict.danger !== null).toBe(wanted.danger ?? false)
    expect(like(verdict.reasons, wanted.reasons)).toEqual(wanted.reasons ?? [])
    expect(like(verdict.problems, wanted.problems)).toEqual(wanted.problems ?? [])
    expect(verdict.needs).toEqual(wanted.needs ?? verdict.needs)
    expect(verdict.done).toBe(wanted.result !== 'open' && !wanted.problems)
  })
})

interface LimitsCase {
  it: string; limits: Limit[]; site: Record<string, unknown>; jurisdiction: Record<string, unknown>; on: string
  pinned: PinnedLimits[string]; words?: string[]
}

group('limits are pinned', () => {
  const { cases, head } = read<LimitsCase, { unit: string; parameters: NonNullable<FormDefinition['parameters']> }>('limits')
  test.each(cases)('$it', (wanted) => {
    const item: Item = { id: 'reading', text: title, answer: { type: 'number', unit: head.unit, limits: wanted.limits } }
    const definition = form([item], head.parameters)
    const pinned = resolve(definition, wanted.site, wanted.jurisdiction, wanted.on)
    expect(pinned).toEqual({ reading: wanted.pinned })
    if (wanted.words) expect(describe(item, pinned['reading']!).map((one) => say(one, 'zh', definition))).toEqual(wanted.words)
  })
})

interface DueCase {
  it: string; frequency?: Frequency; season?: 'winter'; last?: string; now: string; due: boolean
  shift_started?: string; happened?: Record<string, string>; winter?: number[]; time_zone?: string
}

group('an item is due', () => {
  test.each(read<DueCase>('due').cases)('$it', ({ frequency, season, last, now, due, shift_started, happened, winter, time_zone }) => {
    const item: Item = { id: 'one', text: title, answer: { type: 'check' }, ...(frequency && { frequency }), ...(season && { season }) }
    const situation = {
      now, ...(shift_started && { shiftStarted: shift_started }), ...(happened && { happened }),
      ...(winter && { winter }), ...(time_zone && { timeZone: time_zone }),
    }
    expect(isDue(item, last, situation)).toBe(due)
  })
})

interface SubmissionCase {
  it: string; asked?: string[]; answers: Answers; counts: SubmissionVerdict['counts']; lacking: [string, string][]; strangers?: string[]
}

group('a list is judged as a whole', () => {
  const { cases, head } = read<SubmissionCase, { now: string; definition: FormDefinition }>('submissions')
  const limits = resolve(head.definition, {}, {}, head.now.slice(0, 10))
  test.each(cases)('$it', (wanted) => {
    const verdict = judgeSubmission(head.definition, limits, wanted.answers, head.now, wanted.asked)
    expect(verdict.counts).toEqual(wanted.counts)
    expect(verdict.lacking.map(({ item, code }) => [item, code])).toEqual(wanted.lacking)
    expect(verdict.strangers).toEqual(wanted.strangers ?? [])
    expect(verdict.complete).toBe(wanted.lacking.length === 0)
  })
})

group('json is written as RFC 8785 asks', () => {
  test.each(read<{ it: string; value: unknown; canonical: string }>('canonical').cases)('$it', (wanted) => {
    expect(canonical(wanted.value)).toBe(wanted.canonical)
    expect(canonical(wanted.value)).toBe(npmCanonicalize(wanted.value))
  })
  test.each([[NaN], [Infinity], ['\ud800'], [{ '\udc00': 1 }], [() => 1], [[undefined]]])('%s is refused', (value) => {
    expect(() => canonical(value)).toThrow(TypeError)
  })
})

group('a version is named by its hash', () => {
  test.each(read<{ it: string; definition: FormDefinition; version: string }>('versions').cases)('$it', (wanted) => {
    expect(version(wanted.definition)).toBe(wanted.version)
  })
})

group('a code is put into words', () => {
  const { cases, head } = read<Problem & { zh: string; en: string }, { parameters: NonNullable<FormDefinition['parameters']> }>('words')
  test.each(cases)('$code $params', ({ code, params, zh, en }) => {
    expect(say({ code, params }, 'zh', form([], head.parameters))).toBe(zh)
    expect(say({ code, params }, 'en', form([], head.parameters))).toBe(en)
  })
})
