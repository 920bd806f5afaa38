import { beforeEach, expect, it } from 'vitest'
import type { Doc } from './document'
import { addItem, addSection, moveBy, moveTo, put, remove } from './edits'

const item = (id: string) => ({ id, text: id, answer: { type: 'check' } })
let doc: Doc
beforeEach(() => (doc = { title: '表', sections: [{ id: 's1', title: '一', items: [item('a'), item('b')] }, { id: 's2', title: '二', items: [item('c')] }] }))
const order = () => doc.sections.map(({ id, items }) => `${id}:${items.map((one) => one.id).join('')}`).join(' ')

it('an item goes down through its section and over into the next, and back', () => {
  moveBy(doc, 'a', 1)
  expect(order()).toBe('s1:ba s2:c')
  moveBy(doc, 'a', 1)
  expect(order()).toBe('s1:b s2:ac')
  moveBy(doc, 'a', -1)
  expect(order()).toBe('s1:ba s2:c')
})

it('at the edges of the list nothing moves and nothing is lost', () => {
  moveBy(doc, 'a', -1)
  moveBy(doc, 'c', 1)
  moveBy(doc, 's1', -1)
  expect(order()).toBe('s1:ab s2:c')
})

it('a drag drops an item before another, or at the head of a section, and a section before another', () => {
  moveTo(doc, 'c', 'b')
  expect(order()).toBe('s1:acb s2:')
  moveTo(doc, 'a', 's2')
  expect(order()).toBe('s1:cb s2:a')
  moveTo(doc, 's2', 'c')
  expect(order()).toBe('s2:a s1:cb')
  moveTo(doc, 's2', 'b')
  expect(order()).toBe('s1:cb s2:a')
})

it('what is new stands where one is, under an id that nothing had before', () => {
  const first = addItem(doc, 'a')
  const second = addItem(doc, 's2')
  const section = addSection(doc, 'b', '三')
  expect(doc.sections.map(({ id }) => id)).toEqual(['s1', section, 's2'])
  expect(doc.sections[0]!.items.map(({ id }) => id)).toEqual(['a', first, 'b'])
  expect(doc.sections[2]!.items.at(-1)!.id).toBe(second)
  expect(new Set([first, second, section]).size).toBe(3)
  remove(doc, first)
  remove(doc, section)
  expect(doc.sections.map(({ id }) => id)).toEqual(['s1', 's2'])
})

it('a field that is cleared leaves no empty group behind', () => {
  const one = item('x')
  put(one, 'evidence.photo', 'always')
  put(one, 'answer.unit', 'ppm')
  expect(one).toMatchObject({ evidence: { photo: 'always' }, answer: { type: 'check', unit: 'ppm' } })
  put(one, 'evidence.photo', undefined)
  expect(one).not.toHaveProperty('evidence')
})
