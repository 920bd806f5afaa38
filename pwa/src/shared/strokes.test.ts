import { describe, expect, it } from 'vitest'
import { isSignature, quantise, svgPath, type RawPoint } from './strokes'

const line = (points: [number, number][], from = 1000): RawPoint[] => points.map(([x, y], i) => ({ x, y, time: from + i * 10 }))

describe('strokes on the wire', () => {
  it('are whole numbers within the viewbox, with time counted from the first touch', () => {
    const made = quantise([line([[0, 0], [100.4, 50.2], [399.9, 199.9]])], 400, 200, false)
    expect(made).toEqual({ viewbox: [2000, 1000], strokes: [[[0, 0, 0], [502, 251, 10], [2000, 1000, 20]]] })
  })

  it('keep each lifting of the pen as a stroke of its own', () => {
    expect(quantise([line([[1, 1], [9, 9]]), line([[5, 1], [5, 9]], 2000)], 400, 200, false).strokes).toHaveLength(2)
  })

  it('stand upright when they were drawn on a phone held sideways', () => {
    // Held in landscape, the pad's left edge is at the bottom: writing to the right runs down the screen.
    const made = quantise([line([[300, 0], [300, 800]])], 400, 800, true)
    expect(made.viewbox).toEqual([2000, 1000])
    expect(made.strokes[0]).toEqual([[0, 250, 0], [2000, 250, 10]])
  })

  it('stay within the viewbox when the finger left the pad', () => {
    expect(quantise([line([[-20, -5], [900, 300]])], 400, 200, false).strokes[0]).toEqual([[0, 0, 0], [2000, 1000, 10]])
  })

  it('lose the points where the finger rested', () => {
    expect(quantise([line([[10, 10], [10, 10], [10, 10], [20, 10]])], 400, 200, false).strokes[0]).toHaveLength(2)
  })
})

describe('a signature', () => {
  const wavy: [number, number][] = [[50, 80], [120, 40], [190, 120], [260, 60]]
  it('is writing across the pad', () => expect(isSignature(quantise([line(wavy)], 400, 200, false))).toBe(true))
  it('is not the touch of a glove', () => expect(isSignature(quantise([line([[50, 80], [54, 82]])], 400, 200, false))).toBe(false))
  it('is not an empty pad', () => expect(isSignature({ viewbox: [2000, 1000], strokes: [] })).toBe(false))
  it('is drawn as one path of curves', () => {
    expect(svgPath({ viewbox: [2000, 1000], strokes: [[[0, 0, 0], [10, 20, 5], [20, 0, 9]]] })).toBe('M0 0Q10 20 15 10L20 0')
  })
})
