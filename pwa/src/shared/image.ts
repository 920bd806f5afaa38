/**
 * Pictures made small at capture: a JPEG of at most 500 KB, with no EXIF, named by its hash.
 *
 * Bytes travel as ArrayBuffer: iOS has lost Blobs of camera files that were put into IndexedDB.
 */
import { nameOf } from './hash'

export const MAX_BYTES = 500_000
/** Long edge in pixels: a gauge's digits stay readable, and quality need not fall far to fit. */
const LONG_EDGE = 2048
const BEST = 0.88
const WORST = 0.5

export interface Picture {
  bytes: ArrayBuffer
  sha: string
  width: number
  height: number
}

/**
 * The best quality whose encoding fits: tries the best, then halves the interval four times.
 *
 * encode: bytes at a quality. Returns null when even the worst does not fit.
 */
export async function fitQuality<T extends { byteLength: number }>(encode: (quality: number) => Promise<T>, max = MAX_BYTES): Promise<T | null> {
  const best = await encode(BEST)
  if (best.byteLength <= max) return best
  const worst = await encode(WORST)
  if (worst.byteLength > max) return null
  let fits = worst
  let [low, high] = [WORST, BEST]
  for (let step = 0; step < 4; step++) {
    const middle = (low + high) / 2
    const tried = await encode(middle)
    if (tried.byteLength <= max) [fits, low] = [tried, middle]
    else high = middle
  }
  return fits
}

/** Width and height within the long edge, never enlarged. */
export function withinEdge(width: number, height: number, edge: number): [number, number] {
  const scale = Math.min(1, edge / Math.max(width, height))
  return [Math.round(width * scale), Math.round(height * scale)]
}

/** Makes the picture that is kept, from a video frame or a file. Raises if the source cannot be decoded. */
export async function takePicture(source: ImageBitmapSource): Promise<Picture> {
  const bitmap = await createImageBitmap(source, { imageOrientation: 'from-image' })
  try {
    for (let edge = LONG_EDGE; ; edge = Math.round(edge * 0.75)) {
      const [width, height] = withinEdge(bitmap.width, bitmap.height, edge)
      const canvas = new OffscreenCanvas(width, height)
      canvas.getContext('2d')!.drawImage(bitmap, 0, 0, width, height)
      const bytes = await fitQuality(async (quality) => (await canvas.convertToBlob({ type: 'image/jpeg', quality })).arrayBuffer())
      if (bytes) return { bytes, sha: nameOf(new Uint8Array(bytes)), width, height }
    }
  } finally {
    bitmap.close()
  }
}
