import { describe, expect, it } from 'vitest'
import { fitQuality, MAX_BYTES, withinEdge } from './image'

/** An encoder whose file size grows with quality, and a note of what it was asked for. */
function encoder(sizeAtFull: number) {
  const asked: number[] = []
  return { asked, encode: async (quality: number) => (asked.push(quality), { byteLength: Math.round(sizeAtFull * quality), quality }) }
}

describe('a photo is made to fit', () => {
  it('keeps the best quality when that already fits', async () => {
    const { encode, asked } = encoder(400_000)
    expect((await fitQuality(encode))?.quality).toBe(0.88)
    expect(asked).toHaveLength(1)
  })

  it('finds a quality just under 500 KB for a picture that is too big at its best', async () => {
    const made = await fitQuality(encoder(700_000).encode)
    expect(made!.byteLength).toBeLessThanOrEqual(MAX_BYTES)
    expect(made!.byteLength).toBeGreaterThan(MAX_BYTES * 0.94)
  })

  it('says that nothing fits, so that the picture is made smaller', async () => {
    expect(await fitQuality(encoder(1_200_000).encode)).toBeNull()
  })

  it('never asks the encoder more than six times', async () => {
    const { encode, asked } = encoder(900_000)
    await fitQuality(encode)
    expect(asked.length).toBeLessThanOrEqual(6)
  })
})

describe('the size in pixels', () => {
  it('is cut to the long edge with its proportions kept', () => expect(withinEdge(4000, 3000, 2048)).toEqual([2048, 1536]))
  it('is never blown up', () => expect(withinEdge(640, 480, 2048)).toEqual([640, 480]))
})
