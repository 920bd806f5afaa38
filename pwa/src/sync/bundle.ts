/** Sealed segments as a text that any file, USB stick or share sheet carries (docs/adr/0004, "Bundles"). */
import { hex, utf8 } from './bytes'
import { sha256 } from './canonical'
import { isUuid7 } from './ids'
import type { Sealed } from './envelope'

const FIRST_LINE = 'KUANGJIAN-BUNDLE/1'
const LINE = /^(\S{36}) ([1-9][0-9]{0,15}) ([1-9][0-9]{0,15}) ([A-Za-z0-9_-]+)$/

/** The text of a bundle. */
export function writeBundle(segments: readonly Sealed[]): string {
  const lines = [FIRST_LINE, ...segments.map(({ device, first, last, box }) => `${device} ${first} ${last} ${box}`)]
  const text = lines.join('\n') + '\n'
  return `${text}END ${segments.length} ${hex(sha256(utf8(text)))}\n`
}

/** The segments of a bundle. Throws RangeError when a line is wrong or the text was cut or changed on the way. */
export function readBundle(text: string): Sealed[] {
  const lines = text.replaceAll('\r\n', '\n').replace(/^\n+|\n+$/g, '').split('\n')
  if (lines[0] !== FIRST_LINE) throw new RangeError('not a bundle')
  const body = lines.slice(0, -1).join('\n') + '\n'
  if (lines.at(-1) !== `END ${lines.length - 2} ${hex(sha256(utf8(body)))}`) throw new RangeError('incomplete or changed')
  return lines.slice(1, -1).map(segment)
}

function segment(line: string, index: number): Sealed {
  const [, device, first, last, box] = LINE.exec(line) ?? []
  if (!device || !isUuid7(device) || Number(first) > Number(last)) throw new RangeError(`line ${index + 2} is no segment`)
  return { device, first: Number(first), last: Number(last), box: box! }
}
