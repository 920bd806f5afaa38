/** A part that one phone shows as a row of codes and another one films. */
import fc from 'fast-check'
import { encode } from 'uqr'
import { describe, expect, it } from 'vitest'
import { hex, utf8, type Bytes } from './bytes'
import { sha256 } from './canonical'
import { base45, FrameReader, fromBase45, toFrames, type Seen } from './frames'

const bytes = (least: number, most: number) => fc.uint8Array({ minLength: least, maxLength: most }).map((made) => made as Bytes)
const wholeOf = (seen: Seen) => (seen.kind === 'got' ? seen.whole : null)

describe('base45', () => {
  it('is that of RFC 9285', () => {
    const examples = [['AB', 'BB8'], ['Hello!!', '%69 VD92EX0'], ['base-45', 'UJCLQE7W581'], ['ietf!', 'QED8WEX0']] as const
    for (const [plain, encoded] of examples) {
      expect(base45(utf8(plain))).toBe(encoded)
      expect(fromBase45(encoded)).toEqual(utf8(plain))
    }
  })

  it('comes back whatever it was, and nothing else is taken for it', () => {
    fc.assert(fc.property(bytes(0, 40), (given) => void expect(fromBase45(base45(given))).toEqual(given)))
    for (const wrong of ['A', 'GGW', ':::', '::', 'abc', 'A?C']) expect(fromBase45(wrong)).toBeNull()
  })
})

describe('frames', () => {
  it('make up the whole in any order, with repeats, after losses, among those of another part', () => {
    fc.assert(
      fc.property(
        bytes(1, 2000), bytes(1, 400),
        fc.infiniteStream(fc.nat()), fc.infiniteStream(fc.boolean()),
        (given, other, order, lost) => {
          const frames = toFrames(given)
          const strange = toFrames(other)
          const reader = new FrameReader()
          const left = new Set(frames)
          let whole: Bytes | null = null
          for (let turn = 0; whole === null && turn < 3000; turn++) {
            if (strange.length > 1 && turn % 3 === 0) reader.see(strange[turn % (strange.length - 1)]!)
            const frame = frames[order.next().value! % frames.length]!
            // What is lost a hundred times is seen at last, or the test would never end.
            if (lost.next().value && turn < 100) continue
            const seen = reader.see(turn < 1000 ? frame : [...left][0]!)
            left.delete(frame)
            expect(seen.kind).toBe('got')
            whole = wholeOf(seen)
          }
          expect(whole).toEqual(given)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('say how many are here', () => {
    const frames = toFrames(new Uint8Array(1000).fill(7))
    expect(frames).toHaveLength(6)
    const reader = new FrameReader()
    expect([0, 0, 3, 5].map((n) => reader.see(frames[n]!))).toMatchObject([{ have: 1, of: 6 }, { have: 1, of: 6 }, { have: 2, of: 6 }, { have: 3, of: 6, whole: null }])
  })

  it('in which one letter was changed are told of, and the true ones still make up the whole', () => {
    const given = Uint8Array.from({ length: 500 }, (_, index) => (index * 37) % 256)
    const frames = toFrames(given)
    const reader = new FrameReader()
    for (const at of [12, 18, 22, 40, 100]) {
      const changed = frames[1]!.slice(0, at) + (frames[1]![at] === 'A' ? 'B' : 'A') + frames[1]!.slice(at + 1)
      expect(reader.see(changed).kind, changed).not.toBe('got')
    }
    expect(wholeOf(frames.map((frame) => reader.see(frame)).at(-1)!)).toEqual(given)
  })

  it('that were made to look true, and do not make up the whole they name, are told of', () => {
    const [frame, last] = toFrames(new Uint8Array(300).fill(1))
    const [head, piece] = [last!.slice(0, 21), base45(new Uint8Array(150).fill(2))]
    const forged = `${head}:${hex(sha256(utf8(`${head}:${piece}`)).subarray(0, 4)).toUpperCase()}:${piece}`
    const reader = new FrameReader()
    reader.see(frame!)
    expect(reader.see(forged)).toEqual({ kind: 'changed' })
    reader.see(frame!)
    expect(wholeOf(reader.see(last!))).toEqual(new Uint8Array(300).fill(1))
  })

  it('are not what any other code is', () => {
    for (const text of ['https://example.org/', 'KJ1:visit:0', '']) expect(new FrameReader().see(text)).toEqual({ kind: 'none' })
  })

  it('are codes of 57 modules at most, however much there is to say', () => {
    for (const frame of toFrames(Uint8Array.from({ length: 5000 }, (_, index) => (index * 31) % 251))) expect(encode(frame, { ecc: 'M', border: 0 }).size).toBeLessThanOrEqual(57)
  })
})
