import { expect, it } from 'vitest'
import { conditionText, conditionWords } from './expression'

const danger = { op: '>', args: [{ self: true }, 50] } as const
const either = { op: 'and', args: [{ op: 'or', args: [{ op: '=', args: [{ item: 'FAN' }, 'off'] }, danger] }, { op: 'empty', args: [{ item: 'CO' }] }] } as const

it('a frozen condition is shown as its author wrote it', () => {
  expect(conditionText(danger)).toBe('. > 50')
  expect(conditionText(either)).toBe("(${FAN} = 'off' or . > 50) and ${CO} = ''")
  expect(conditionText('. < 3')).toBe('. < 3')
  expect(conditionText(undefined)).toBe('')
})

it('who reads a condition sees items by their words', () => {
  expect(conditionWords(either, (id) => (id === 'CO' ? '一氧化碳' : undefined), '本项')).toBe("(“FAN” = 'off' or 本项 > 50) and “一氧化碳” = ''")
  expect(conditionWords('. > 0.5', () => undefined, '本项')).toBe('本项 > 0.5')
})
