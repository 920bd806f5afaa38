// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest'
import { readLook } from './look'

const first = { language: 'zh', size: 'normal', theme: 'day' }
describe('how the screens look', () => {
  it('is Chinese, normal and by day at first', () => expect(readLook(null)).toEqual(first))
  it('is what was chosen', () => expect(readLook('{"language":"en","size":"largest","theme":"yellow"}')).toEqual({ language: 'en', size: 'largest', theme: 'yellow' }))
  it('keeps what makes sense of what an older version left', () => expect(readLook('{"language":"fr","size":"large"}')).toEqual({ ...first, size: 'large' }))
  it('survives what is no JSON', () => expect(readLook('{{')).toEqual(first))
})
