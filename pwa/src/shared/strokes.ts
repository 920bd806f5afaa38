/**
 * Handwritten signatures as vectors: small, sharp at any print size, and drawn by the document renderer as curves.
 *
 * On the wire: {"viewbox":[2000,h],"strokes":[[[x,y,t],…],…]}. All integers; x runs right and y down, within
 * the viewbox; t is milliseconds since the first point of the first stroke. One inner list is one stroke.
 */
export type Point = [x: number, y: number, t: number]

export interface Strokes {
  viewbox: [width: number, height: number]
  strokes: Point[][]
}

export interface RawPoint { x: number; y: number; time: number }

const WIDTH = 2000

/**
 * Quantises strokes drawn on a pad of `width` × `height` CSS pixels.
 *
 * turned: the pad was drawn on in portrait by somebody holding the phone in landscape (its top to the left),
 * so his x runs along the screen's y. Points that fall on the same place as the one before are dropped.
 */
export function quantise(raw: readonly (readonly RawPoint[])[], width: number, height: number, turned: boolean): Strokes {
  const [wide, high] = turned ? [height, width] : [width, height]
  const scale = WIDTH / wide
  const viewHeight = Math.round(high * scale)
  const start = raw[0]?.[0]?.time ?? 0
  const clamp = (value: number, max: number) => Math.min(max, Math.max(0, Math.round(value * scale)))
  const strokes = raw
    .filter((stroke) => stroke.length > 0)
    .map((stroke) => {
      const points: Point[] = []
      for (const { x, y, time } of stroke) {
        const [px, py] = turned ? [y, width - x] : [x, y]
        const point: Point = [clamp(px, WIDTH), clamp(py, viewHeight), Math.max(0, Math.round(time - start))]
        const before = points.at(-1)
        if (!before || before[0] !== point[0] || before[1] !== point[1]) points.push(point)
      }
      return points
    })
  return { viewbox: [WIDTH, viewHeight], strokes }
}

/** Whether this is writing and not a slip of the glove: ink over at least a tenth of the pad's width. */
export function isSignature({ strokes }: Strokes): boolean {
  const xs = strokes.flat().map(([x]) => x)
  const length = strokes.reduce((sum, stroke) => sum + stroke.slice(1).reduce((s, [x, y], i) => s + Math.hypot(x - stroke[i]![0], y - stroke[i]![1]), 0), 0)
  return xs.length > 0 && Math.max(...xs) - Math.min(...xs) >= WIDTH / 10 && length >= WIDTH / 5
}

/** The strokes as one SVG path, smoothed through the midpoints between samples. */
export function svgPath({ strokes }: Strokes): string {
  return strokes
    .map((points) => {
      const [first, ...rest] = points
      if (!first) return ''
      if (rest.length === 0) return `M${first[0]} ${first[1]}h1`
      const curve = rest.map(([x, y], i) => {
        const next = rest[i + 1]
        return next ? `Q${x} ${y} ${(x + next[0]) / 2} ${(y + next[1]) / 2}` : `L${x} ${y}`
      })
      return `M${first[0]} ${first[1]}${curve.join('')}`
    })
    .join('')
}
