import { describe, expect, it } from 'vitest'
import { keyOf, parse, press, signed, type Key } from './digits'

const type = (keys: string, spec = {}, from = '') => [...keys].reduce((text, key) => press(text, key as Key, spec), from)

describe('keys of the number pad', () => {
  it('write what was hit', () => expect(type('19.5')).toBe('19.5'))
  it('never write two points', () => expect(type('1.5.2')).toBe('1.52'))
  it('put a nought before a point', () => expect(type('.25')).toBe('0.25'))
  it('write no point where the instrument shows whole numbers', () => expect(type('2.5', { decimals: 0 })).toBe('25'))
  it('stop at the decimals that the instrument shows', () => expect(type('0.256', { decimals: 2 })).toBe('0.25'))
  it('keep no nought in front', () => expect(type('007')).toBe('7'))
  it('stop at nine digits, so that a stuck key fills no screen', () => expect(type('1'.repeat(20))).toHaveLength(9))
  it('take back the last one', () => expect(press('24.', 'back', {})).toBe('24'))
  it('clear', () => expect(press('24', 'clear', {})).toBe(''))
  it('turn the sign to and fro', () => expect(press(press('5', '-', {}), '-', {})).toBe('5'))
})

describe('what was typed', () => {
  it('is a number once there is a digit', () => expect([parse('30'), parse('0.25'), parse('24.')]).toEqual([30, 0.25, 24]))
  it('is nothing while there is none', () => expect([parse(''), parse('-'), parse('.')]).toEqual([undefined, undefined, undefined]))
})

it('a minus is there only for what can be below nought', () => {
  expect([signed({}), signed({ range: { min: 0, max: 500 } }), signed({ range: { min: -40 } })]).toEqual([false, false, true])
})

it('a real keyboard works too', () => {
  expect(['7', '.', 'Backspace', 'Delete', 'a', 'Tab'].map((key) => keyOf({ key }))).toEqual(['7', '.', 'back', 'clear', null, null])
})
