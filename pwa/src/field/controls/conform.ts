import type { GlyphName } from '@/shared/glyphs'

export type Result = 'pass' | 'fail' | 'na'
export const RESULTS: readonly Result[] = ['pass', 'fail', 'na']
export const RESULT_GLYPH: Record<Result | 'open', GlyphName> = { pass: 'pass', fail: 'fail', na: 'na', open: 'clock' }

/** The radio that an arrow key leads to, round the end; null for any other key. */
export function arrowTo(key: string, from: number, count: number): number | null {
  if (key === 'ArrowRight' || key === 'ArrowDown') return (from + 1) % count
  if (key === 'ArrowLeft' || key === 'ArrowUp') return (from - 1 + count) % count
  return null
}
