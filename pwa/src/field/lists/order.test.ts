import { describe, expect, it } from 'vitest'
import type { Item, Verdict } from '@/forms/types'
import { conformable, counts, nextOpen } from './order'

const item = (id: string, more: Partial<Item> = {}): Item => ({ id, text: { zh: id }, answer: { type: 'check' }, ...more })
const keys = ['a', 'b', 'c@1', 'd']
const but = (done: string[]) => (key: string) => !done.includes(key)

describe('the next open item', () => {
  it('is the first one below', () => expect(nextOpen(keys, but(['a', 'c@1']), 'a')).toBe('b'))
  it('goes round the end', () => expect(nextOpen(keys, but(['b', 'c@1', 'd']), 'c@1')).toBe('a'))
  it('is the first of the list for who has not begun', () => expect(nextOpen(keys, but([]), undefined)).toBe('a'))
  it('is the very one he stands at only when no other is open', () => expect(nextOpen(keys, but(['a', 'c@1', 'd']), 'b')).toBe('b'))
  it('is none when all is done', () => expect(nextOpen(keys, but(keys), 'b')).toBeNull())
})

describe('“n of m” of a part', () => {
  const verdict = (more: Partial<Verdict>): Verdict => ({ result: 'open', danger: null, reasons: [], problems: [], needs: [], done: false, ...more })
  it('leaves out what is only calculated, and what need not be answered and is not', () => {
    expect(counts(item('sum', { answer: { type: 'calculated', formula: 1 } }), verdict({ result: 'pass', done: true }))).toBe(false)
    expect(counts(item('extra', { required: false }), verdict({}))).toBe(false)
    expect(counts(item('said'), null)).toBe(false)
  })
  it('counts what is open, and what was answered though it need not be', () => {
    expect(counts(item('open'), verdict({ problems: [{ code: 'result_missing', params: {} }] }))).toBe(true)
    expect(counts(item('extra', { required: false }), verdict({ result: 'pass', done: true }))).toBe(true)
  })
})

describe('“all of this section conform”', () => {
  const all = [item('plain'), item('told'), item('co', { answer: { type: 'number' } }), item('roof', { evidence: { photo: 'always' } }), item('pillar', { severity: 'major' })]
  it('answers plain checks only: no reading, no photo that must be taken, nothing that would be a major hazard, nothing answered', () => {
    expect(conformable(all, (id) => id === 'told').map(({ id }) => id)).toEqual(['plain'])
  })
})
