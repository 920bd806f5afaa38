import { expect, it } from 'vitest'
import { tooEasy } from './pin'

it.each(['000000', '777777', '123456', '654321', '121212', '898989'])('%s is a PIN that the next man guesses', (pin) => expect(tooEasy(pin)).toBe(true))
it.each(['135790', '246813', '112233', '908172'])('%s is a PIN', (pin) => expect(tooEasy(pin)).toBe(false))
