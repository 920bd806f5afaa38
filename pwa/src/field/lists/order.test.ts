import { describe, expect, it } from 'vitest'
import type { Item, Verdict } from '@/forms/types'
import { conformable, nextOpen } from './order'

const item = (id: string, more: Partial<Item> = {}): Item => ({ id, text: { zh: id }, answer: { type: 'check' }, ...more })
const items = ['a', 'b', 'c', 'd'].map((id) => item(id))
const verdicts = (done: string) => Object.fromEntries(items.map(({ id }) => [id, { done: done.includes(id) } as Verdict]))

describe('the next open item', () => {
  it('is the first one below', () => expect(nextOpen(items, verdicts('ac'), 'a')).toBe('b'))
  it('goes round the end', () => expect(nextOpen(items, verdicts('bcd'), 'c')).toBe('a'))
  it('is the first of the list for who has not begun', () => expect(nextOpen(items, verdicts(''), undefined)).toBe('a'))
  it('is the very one he stands at only when no other is open', () => expect(nextOpen(items, verdicts('acd'), 'b')).toBe('b'))
  it('is none when all is done', () => expect(nextOpen(items, verdicts('abcd'), 'b')).toBeNull())
  it('passes over what is not asked', () => expect(nextOpen(items, { d: { done: false } as Verdict }, 'a')).toBe('d'))
})

describe('“all of this section conform”', () => {
  const section = {
    id: 's',
    title: { zh: 's' },
    items: [item('plain'), item('told'), item('co', { answer: { type: 'number' } }), item('roof', { evidence: { photo: 'always' } }), item('pillar', { severity: 'major' })],
  }
  it('answers plain checks only: no reading, no photo that must be taken, nothing that would be a major hazard, nothing answered', () => {
    expect(conformable(section, (id) => id === 'told').map(({ id }) => id)).toEqual(['plain'])
  })
})
