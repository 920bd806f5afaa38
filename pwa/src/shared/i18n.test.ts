// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest'
import { translator } from './i18n'

const words = () => translator({ hello: '你好', left: '还剩 {n} 项，共 {total} 项' }, async () => ({ hello: 'Hello', left: '{n} of {total} left' }))

describe('a phrase', () => {
  it('is Chinese until another language is chosen', () => expect(words().t('hello')).toBe('你好'))
  it('takes its values', () => expect(words().t('left', { n: 0, total: 12 })).toBe('还剩 0 项，共 12 项'))
  it('changes with the language, and the page says so', async () => {
    const { t, use } = words()
    await use('en')
    expect(t('left', { n: 3, total: 12 })).toBe('3 of 12 left')
    expect(document.documentElement.lang).toBe('en')
  })
})

describe('a text that comes with both', () => {
  it('is read in the reader’s language', async () => {
    const { say, use } = words()
    expect(say({ zh: '氧气', en: 'Oxygen' })).toBe('氧气')
    await use('en')
    expect(say({ zh: '氧气', en: 'Oxygen' })).toBe('Oxygen')
  })
  it('falls back to Chinese where nobody translated it', async () => {
    const { say, use } = words()
    await use('en')
    expect(say({ zh: '氧气' })).toBe('氧气')
  })
})
