/** Sealed segments, the server's receipts for them, and parts, as texts that any file, stick or share sheet carries (docs/adr/0004 "Bundles", 0010). */
import { b64u, fromB64u, hex, utf8, type Bytes } from './bytes'
import { canonical, sha256 } from './canonical'
import { isUuid7 } from './ids'
import { LIMITS, type Receipt, type Sealed } from './envelope'

const BUNDLE = 'KUANGJIAN-BUNDLE/1'
const RECEIPTS = 'KUANGJIAN-RECEIPTS/1'
const PART = 'KUANGJIAN-PART/1'
/** Of one request, bytes: well below what every server takes, for sealed text does not compress. */
const HANDED_BYTES = LIMITS.sent - 40_000
const LINE = /^(\S{36}) ([1-9][0-9]{0,15}) ([1-9][0-9]{0,15}) ([A-Za-z0-9_-]+)$/

/** The text of a bundle. */
export const writeBundle = (segments: readonly Sealed[]): string =>
  framed(BUNDLE, segments.map(({ device, first, last, box }) => `${device} ${first} ${last} ${box}`))

/** The segments of a bundle. Throws RangeError when a line is wrong or the text was cut or changed on the way. */
export const readBundle = (text: string): Sealed[] => unframed(BUNDLE, text).map(segment)

/** The text in which receipts go back to the phone whose work was carried. */
export const writeReceipts = (receipts: readonly Receipt[]): string => framed(RECEIPTS, receipts.map(canonical))

/** Throws RangeError as `readBundle` does; whether the server signed them is not looked at here. */
export const readReceipts = (text: string): Receipt[] =>
  unframed(RECEIPTS, text).map((line, index) => {
    const receipt = parsed(line)
    if (!isReceipt(receipt)) throw new RangeError(`line ${index + 2} is no receipt`)
    return receipt
  })

/** A part for a colleague, and behind it what he may hand in for its author. */
export const writePart = (box: Bytes, segments: readonly Sealed[]): string => framed(PART, [b64u(box)]) + writeBundle(segments)

/** Throws RangeError as `readBundle` does; whether the part opens is not looked at here. */
export function readPart(text: string): { box: Bytes; bundle: string } {
  const [, part, bundle] = /^(.+?\nEND [^\n]*\n)(.*)$/s.exec(text.trimStart().replaceAll('\r\n', '\n')) ?? []
  const [box, ...more] = unframed(PART, part ?? '')
  if (!box || more.length > 0) throw new RangeError('not one part')
  readBundle(bundle!)
  return { box: fromB64u(box), bundle: bundle! }
}

const KINDS = { [BUNDLE]: 'bundle', [RECEIPTS]: 'receipts', [PART]: 'part' } as const

/** Which of them it claims to be; null for anything else. */
export const kindOf = (text: string): 'bundle' | 'receipts' | 'part' | null => KINDS[text.trimStart().split(/\r?\n/, 1)[0] as typeof PART] ?? null

/**
 * Hands segments in, as many at once as a request holds, and half as many when the server finds that too much.
 *
 * taken: called after each piece with what the server signed for it. Throws what `send` throws; what was taken stays so.
 */
export async function inPieces<T extends Sealed>(
  segments: readonly T[], send: (text: string) => Promise<Receipt[]>, tooMuch: (error: unknown) => boolean, taken: (some: T[], receipts: Receipt[]) => unknown,
): Promise<void> {
  for (let most: number = LIMITS.entries, at = 0; at < segments.length;) {
    const some = fitting(segments.slice(at), most)
    try {
      await taken(some, await send(writeBundle(some)))
      at += some.length
    } catch (error) {
      if (!tooMuch(error) || some.length === 1) throw error
      most = Math.floor(some.length / 2)
    }
  }
}

function fitting<T extends Sealed>(segments: T[], most: number): T[] {
  let bytes = 0
  const count = segments.findIndex(({ box }, index) => (bytes += box.length + 80) > HANDED_BYTES && index > 0)
  return segments.slice(0, Math.min(most, count < 0 ? segments.length : count))
}

function framed(first: string, lines: readonly string[]): string {
  const text = [first, ...lines].join('\n') + '\n'
  return `${text}END ${lines.length} ${hex(sha256(utf8(text)))}\n`
}

function unframed(first: string, text: string): string[] {
  const lines = text.replaceAll('\r\n', '\n').replace(/^\n+|\n+$/g, '').split('\n')
  if (lines[0] !== first) throw new RangeError(`not ${first}`)
  const body = lines.slice(0, -1).join('\n') + '\n'
  if (lines.at(-1) !== `END ${lines.length - 2} ${hex(sha256(utf8(body)))}`) throw new RangeError('incomplete or changed')
  return lines.slice(1, -1)
}

function segment(line: string, index: number): Sealed {
  const [, device, first, last, box] = LINE.exec(line) ?? []
  if (!device || !isUuid7(device) || Number(first) > Number(last)) throw new RangeError(`line ${index + 2} is no segment`)
  return { device, first: Number(first), last: Number(last), box: box! }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

const isReceipt = (value: unknown): value is Receipt => {
  const { device, first, last, results, sig } = (value ?? {}) as Partial<Receipt>
  return typeof device === 'string' && typeof first === 'number' && typeof last === 'number' && Array.isArray(results) && typeof sig === 'string'
}
