import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')

function colours(selector: string): Record<string, string> {
  const block = css.split(`${selector} {`)[1]!.split('}')[0]!
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!]))
}

/** WCAG 2.2 relative luminance and contrast ratio. */
function contrast(one: string, other: string): number {
  const luminance = (hex: string) => {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
  }
  const [light, dark] = [luminance(one), luminance(other)].sort((x, y) => y - x)
  return (light! + 0.05) / (dark! + 0.05)
}

/** Every pair of text and ground that a screen uses. */
const pairs = [
  ['ink', 'ground'], ['ink', 'sunk'], ['ink-soft', 'ground'], ['ink-soft', 'sunk'],
  ['action', 'ground'], ['on-action', 'action'],
  ['pass', 'ground'], ['on-pass', 'pass'], ['fail', 'ground'], ['on-fail', 'fail'], ['none', 'ground'], ['on-none', 'none'],
  ['warn', 'warn-ground'], ['ink', 'warn-ground'],
] as const

describe.each([':root', ":root[data-theme='dark']", ":root[data-theme='yellow']"])('theme %s', (theme) => {
  const colour = colours(theme)
  it.each(pairs)('%s can be read on %s at 7:1', (text, ground) => {
    expect(contrast(colour[text]!, colour[ground]!)).toBeGreaterThanOrEqual(7)
  })
  it('draws its lines at 3:1, so that a box is seen as one', () => {
    expect(contrast(colour.line!, colour.ground!)).toBeGreaterThanOrEqual(3)
  })
})
