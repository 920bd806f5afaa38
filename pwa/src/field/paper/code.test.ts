import { describe, expect, it } from 'vitest'
import { pathOf, readCode } from './code'

const TASK = '0195f0a0-0000-7000-8000-000000000000'

describe('the code on a sheet', () => {
  it('names the list and whose it is', () =>
    expect(readCode(`https://anjian.example.cn/field/#/paper/1234abcd5678ef01/${TASK}?sheet=2`)).toEqual({ form: '1234abcd5678ef01', task: TASK }))
  it('of a whole version names nobody', () => expect(readCode('http://localhost/field/#/paper/1234abcd5678ef01?sheet=1')).toEqual({ form: '1234abcd5678ef01', task: null }))
  it.each(['CP-0420', '', 'https://anjian.example.cn/v/1234abcd5678ef01', 'x#/paper/1234abcd5678ef01/../../etc', 'x#/paper/1234ABCD'])('is no other code: %s', (text) => expect(readCode(text)).toBeNull())
  it('leads to the same screen that the address opens', () => {
    expect(pathOf({ form: '1234abcd5678ef01', task: TASK })).toBe(`/paper/1234abcd5678ef01/${TASK}`)
    expect(pathOf({ form: '1234abcd5678ef01', task: null })).toBe('/paper/1234abcd5678ef01')
  })
})
