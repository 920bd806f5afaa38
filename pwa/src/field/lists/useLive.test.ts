// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest'
import { effectScope, shallowReactive, watchEffect } from 'vue'
import { joinKey } from '@/forms'
import type { Answer, Expression, FormDefinition, Item } from '@/forms/types'
import { useLive } from './useLive'

const item = (id: string, more: Partial<Item> = {}): Item => ({ id, text: { zh: id }, answer: { type: 'check' }, ...more })
const failed = (id: string): Expression => ({ op: '=', args: [{ item: id }, 'fail'] })
const list: FormDefinition = {
  schema: 'form/1',
  key: 'x',
  kind: 'patrol',
  title: { zh: 'x' },
  sections: [
    { id: 'air', title: { zh: '通风' }, items: [item('fan'), item('why', { relevant: failed('fan'), answer: { type: 'text' } }), item('gas', { answer: { type: 'number' } })] },
    { id: 'faces', title: { zh: '采场' }, repeat: { min: 1, max: 3, label: { zh: '采场' } }, items: [item('name', { answer: { type: 'text' } }), item('co', { answer: { type: 'number' } })] },
    { id: 'sum', title: { zh: '合计' }, items: [item('most', { answer: { type: 'calculated', formula: { op: 'max', args: [{ item: 'co' }] } }, danger: { when: { op: '>', args: [{ self: true }, 50] }, act: { zh: '撤人' }, call: 'dispatch', verified: false } })] },
  ],
}
const [air, faces] = list.sections as [(typeof list.sections)[0], (typeof list.sections)[0]]

function open(kept: Record<string, Answer | null> = {}, asked?: string[]) {
  const answers = shallowReactive({ ...kept })
  const live = effectScope().run(() => useLive({ definition: list, limits: {}, asked, openedAt: '2026-03-02T08:00:00+08:00' }, answers))!
  return { live, answers }
}

describe('what stands on the screen', () => {
  it('is asked when another answer makes it matter, leaves when it does not, and comes back with its answer', () => {
    const { live, answers } = open()
    const shown = () => live.shown(air, null).map(({ id }) => id)
    expect(shown()).toEqual(['fan', 'gas'])
    answers.fan = { result: 'fail' }
    expect(shown()).toEqual(['fan', 'why', 'gas'])
    answers.why = { value: '皮带断了' }
    answers.fan = { result: 'pass' }
    expect(shown()).toEqual(['fan', 'gas'])
    answers.fan = { result: 'fail' }
    expect(live.answer('why')).toEqual({ value: '皮带断了' })
    expect(live.verdict('why')!.done).toBe(true)
  })
  it('is only what is due, and what was answered all the same', () => {
    const { live } = open({ gas: { value: 1 } }, ['fan'])
    expect(live.keys.value).toEqual(['fan', 'gas'])
  })
})

describe('rows', () => {
  it('that were begun are asked for, and exist once something in them is answered', () => {
    const { live, answers } = open()
    const row = live.begin(faces)
    expect(live.rows(faces)).toEqual([row])
    expect(live.verdict(joinKey('co', row))!.needs).toEqual(['value'])
    expect(live.result.value.lacking.map(({ item: of }) => of)).toContain('faces')
    answers[joinKey('co', row)] = { value: 3, result: 'pass' }
    expect(live.result.value.lacking.map(({ item: of }) => of)).not.toContain('faces')
    expect(live.value('most')).toBe(3)
  })
  it('beyond those that must be are no open work until something stands in them', () => {
    const { live } = open({ 'name@a': { value: '一' }, 'co@a': { value: 1, result: 'pass' } })
    const row = live.begin(faces)
    expect(live.open(joinKey('name', row))).toBe(false)
  })
  it('are gone when all their answers were taken back', () => {
    const { live, answers } = open({ 'co@a': { value: 1 }, 'co@b': { value: 2 } })
    answers['co@a'] = null
    expect(live.rows(faces)).toEqual(['b'])
  })
})

describe('an edit', () => {
  it('draws anew what depends on it, and nothing else', () => {
    const { live, answers } = open({ 'co@a': { value: 1 } })
    const drawn: string[] = []
    const scope = effectScope()
    scope.run(() => {
      watchEffect(() => (live.verdict('fan'), drawn.push('fan')), { flush: 'sync' })
      watchEffect(() => (live.value('most'), drawn.push('most')), { flush: 'sync' })
      watchEffect(() => (live.keys.value, drawn.push('list')), { flush: 'sync' })
    })
    drawn.length = 0
    answers['co@a'] = { value: 9 }
    expect(drawn).toEqual(['most'])
    scope.stop()
  })
})

describe('a danger', () => {
  it('of a calculated value is told before the reading that brings it about is kept', () => {
    const { live } = open({ 'co@a': { value: 1 } })
    expect(live.dangers('co@a', { value: 60 }).map(({ key, value }) => [key, value])).toEqual([['most', 60]])
    expect(live.value('most')).toBe(1)
  })
  it('that stands there already is not told again for another reading', () => {
    const { live } = open({ 'co@a': { value: 60 } })
    expect(live.dangers('co@b', { value: 5 })).toEqual([])
  })
})
