/** What an author does to a list: each returns nothing and changes the copy that it is given. No screen here. */
import type { Doc, DocItem, DocSection } from './document'

/** An item's id is for ever: answers hang on it. Never counted, so that none comes back for another thing. */
const fresh = (letter: string) => letter + Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => byte.toString(36).padStart(2, '0')).join('')

export function placeOf(doc: Doc, id: string): [section: DocSection, at: number] | undefined {
  for (const section of doc.sections) {
    const at = section.items.findIndex((item) => item.id === id)
    if (at >= 0) return [section, at]
  }
  return undefined
}

/** After the item (or at the end of the section) of this id; else at the very end. Returns the new item's id. */
export function addItem(doc: Doc, after: string | undefined): string {
  const item: DocItem = { id: fresh('i'), text: '', answer: { type: 'check' } }
  const place = after ? placeOf(doc, after) : undefined
  if (place) place[0].items.splice(place[1] + 1, 0, item)
  else (doc.sections.find(({ id }) => id === after) ?? doc.sections.at(-1)!).items.push(item)
  return item.id
}

export function addSection(doc: Doc, after: string | undefined, title: string): string {
  const section: DocSection = { id: fresh('s'), title, items: [] }
  const at = doc.sections.findIndex(({ id, items }) => id === after || items.some((item) => item.id === after))
  doc.sections.splice(at < 0 ? doc.sections.length : at + 1, 0, section)
  return section.id
}

/** An item, or a section with its items. */
export function remove(doc: Doc, id: string): void {
  const place = placeOf(doc, id)
  if (place) place[0].items.splice(place[1], 1)
  else doc.sections = doc.sections.filter((section) => section.id !== id)
}

/** One place up or down; an item at the edge of its section goes over into the next. */
export function moveBy(doc: Doc, id: string, by: 1 | -1): void {
  const place = placeOf(doc, id)
  if (!place) {
    const at = doc.sections.findIndex((section) => section.id === id)
    const [section] = doc.sections.splice(at, 1)
    doc.sections.splice(Math.max(0, at + by), 0, section!)
    return
  }
  const [section, at] = place
  const inside = at + by >= 0 && at + by < section.items.length
  const next = inside ? section : doc.sections[doc.sections.indexOf(section) + by]
  if (!next) return
  const [item] = section.items.splice(at, 1)
  next.items.splice(inside ? at + by : by > 0 ? 0 : next.items.length, 0, item!)
}

/** Where a drag let it go: before that item, or at the head of that section. */
export function moveTo(doc: Doc, id: string, to: string): void {
  if (id === to) return
  const place = placeOf(doc, id)
  if (!place) {
    const from = doc.sections.findIndex((section) => section.id === id)
    const target = doc.sections.find((section) => section.id === to || section.items.some((item) => item.id === to))
    if (from < 0 || !target || target.id === id) return
    const [section] = doc.sections.splice(from, 1)
    doc.sections.splice(doc.sections.indexOf(target) + (from <= doc.sections.indexOf(target) ? 1 : 0), 0, section!)
    return
  }
  const [item] = place[0].items.splice(place[1], 1)
  const target = placeOf(doc, to)
  if (target) target[0].items.splice(target[1], 0, item!)
  else doc.sections.find((section) => section.id === to)?.items.unshift(item!)
}

/** Sets a field by its path (`answer.limits`); undefined takes it away, and groups that are empty then. */
export function put(item: object, path: string, value: unknown): void {
  const [name, ...rest] = path.split('.') as [string, ...string[]]
  const holder = item as Record<string, unknown>
  if (rest.length) {
    const inner = { ...((holder[name] as object | undefined) ?? {}) }
    put(inner, rest.join('.'), value)
    value = Object.keys(inner).length ? inner : undefined
  }
  if (value === undefined) delete holder[name]
  else holder[name] = value
}
