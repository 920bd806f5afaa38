/** A PIN that the next man guesses: one digit, a run up or down, or a pair over and over. */
export function tooEasy(pin: string): boolean {
  const steps = new Set([...pin].slice(1).map((digit, i) => Number(digit) - Number(pin[i])))
  const run = steps.size === 1 && [-1, 0, 1].includes([...steps][0]!)
  return run || /^(\d\d)\1+$/.test(pin)
}
