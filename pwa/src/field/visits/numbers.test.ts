import { describe, expect, it } from 'vitest'
import type { NumberBlockRow } from '../ports'
import { left, nextSerial } from './numbers'

const block = (id: string, next: number, last: number, more: Partial<NumberBlockRow> = {}): NumberBlockRow => ({
  id, ver: 1, kind: 'rectify_order', year: 2026, pattern: '（演示）应急责改〔{year}〕{n}号', first: 1, last, next, ...more,
})

describe('numbers of documents', () => {
  it('come from the lowest block that has one left', () => {
    expect(nextSerial([block('b', 21, 40), block('a', 12, 20)], 'rectify_order')).toEqual({ block: 'a', n: 12, number: '（演示）应急责改〔2026〕12号' })
    expect(nextSerial([block('b', 21, 40), block('a', 21, 20)], 'rectify_order')?.n).toBe(21)
  })
  it('are of last year before this year’s', () => expect(nextSerial([block('new', 1, 20, { year: 2027 }), block('old', 19, 20)], 'rectify_order')?.block).toBe('old'))
  it('run out', () => expect(nextSerial([block('a', 21, 20)], 'rectify_order')).toBeNull())
  it('are counted over all blocks of the kind', () => {
    expect(left([block('a', 12, 20), block('b', 21, 40), block('c', 5, 20, { kind: 'inspection_record' }), block('d', 21, 20)], 'rectify_order')).toBe(29)
  })
})
