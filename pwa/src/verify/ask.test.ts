import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { askFile, compare, sha256, type Paper } from './ask'

const paper = (pdf: string | null, number = '1号'): Paper => ({ kind: 'rectify_order', title: '责令限期整改指令书', number, issuer: '演示县应急管理局', issued_on: '2026-03-02', state: 'issued', superseded_by: null, supplements: null, pdf, data_hash: '' })
const bytes = new TextEncoder().encode('%PDF-1.4 …')

afterEach(() => vi.unstubAllGlobals())

describe('a dropped file', () => {
  it('is the original when its hash is the one that was issued', () => expect(compare('ab', paper('sha256:ab'), null)).toBe('same'))
  it('is not the original when one byte differs', () => expect(compare('ac', paper('sha256:ab'), null)).toBe('differs'))
  it('is named when it is another issued paper', () => expect(compare('cd', paper('sha256:ab'), paper('sha256:cd', '2号'))).toBe('other'))
  it('is known by itself where the address is not', () => expect(compare('ab', null, paper('sha256:ab'))).toBe('same'))
  it('is unknown where neither is', () => expect(compare('ab', null, null)).toBe('unknown'))
  it('is not taken for the original while that one is still being made', () => expect(compare('ab', paper(null), null)).toBe('differs'))
})

describe('the hash', () => {
  const expected = createHash('sha256').update(bytes).digest('hex')
  it('is SHA-256 by WebCrypto', async () => expect(await sha256(bytes)).toBe(expected))
  it('is the same on an intranet without https, where there is no WebCrypto', async () => {
    vi.stubGlobal('crypto', {})
    expect(await sha256(bytes)).toBe(expected)
  })
})

it('a server out of reach is told from a paper that does not exist', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('network')))
  expect(await askFile('00', 'zh')).toBeNull()
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('{"code":"verify.unknown","title":"查无此件"}', { status: 404 })))
  expect(await askFile('00', 'zh')).toEqual({ problem: { code: 'verify.unknown', title: '查无此件' } })
})
