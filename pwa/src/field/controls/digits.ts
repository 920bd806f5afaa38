/** What the keys of the number pad do to the text, and what the text means. */
import type { NumberSpec } from '@/forms/types'

export type Key = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '.' | '-' | 'back' | 'clear'

const MAX_DIGITS = 9

/** The text after a key; a key that makes no sense there changes nothing. */
export function press(text: string, key: Key, spec: Pick<NumberSpec, 'decimals'>): string {
  switch (key) {
    case 'back':
      return text.slice(0, -1)
    case 'clear':
      return ''
    case '-':
      return text.startsWith('-') ? text.slice(1) : `-${text}`
    case '.':
      if (text.includes('.') || spec.decimals === 0) return text
      return /\d$/.test(text) ? `${text}.` : `${text}0.`
    default: {
      if (text.replace(/\D/g, '').length >= MAX_DIGITS) return text
      const decimals = text.split('.')[1]
      if (decimals !== undefined && spec.decimals !== undefined && decimals.length >= spec.decimals) return text
      return text === '0' || text === '-0' ? text.replace('0', key) : text + key
    }
  }
}

/** The number that the text says; undefined while it says none. */
export function parse(text: string): number | undefined {
  return /^-?\d+(\.\d*)?$/.test(text) ? Number(text) : undefined
}

/** Whether the instrument can show less than nothing, so that the pad needs a minus. */
export const signed = ({ range }: Pick<NumberSpec, 'range'>): boolean => (range?.min ?? 0) < 0

/** A key of a real keyboard as one of the pad's. */
export function keyOf(event: Pick<KeyboardEvent, 'key'>): Key | null {
  if (/^[0-9.-]$/.test(event.key)) return event.key as Key
  if (event.key === 'Backspace') return 'back'
  if (event.key === 'Delete') return 'clear'
  return null
}
