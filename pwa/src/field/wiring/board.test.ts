import { describe, expect, it } from 'vitest'
import type { FormDefinition } from '@/forms/types'
import type { FormRow } from '../ports'
import { cardsOf } from './board'

const definition = (title: string): FormDefinition => ({
  schema: 'form/1', key: 'k', kind: 'card', title: { zh: title },
  sections: [{ id: 'a', title: { zh: '先做这些' }, items: [{ id: '1', text: { zh: '撤离' }, answer: { type: 'note' } }] }, { id: 'b', title: { zh: '严禁' }, items: [{ id: '2', text: { zh: '盲目施救' }, answer: { type: 'note' } }] }],
})
const row = (id: string, title: string, more: Partial<FormRow> = {}): FormRow => ({ id, ver: 1, key: id, kind: 'card', definition: definition(title), retired: false, base: null, number: 1, published_at: '', recalled: null, ...more })

describe('the cards that anybody may read', () => {
  it('keep their parts, and what is forbidden is marked', () => {
    const [card] = cardsOf([row('e', '凿岩工应急处置卡')])
    expect(card!.emergency).toBe(true)
    expect(card!.parts.map(({ title, stop, steps }) => [title.zh, stop, steps.map(({ zh }) => zh)])).toEqual([['先做这些', false, ['撤离']], ['严禁', true, ['盲目施救']]])
  })
  it('are those in force: no retired one, and the mine’s own in place of what it adapted', () => {
    expect(cardsOf([row('a', '操作卡'), row('old', '旧', { retired: true }), row('m', '本矿操作卡', { base: 'a' })]).map(({ id }) => id)).toEqual(['m'])
  })
})
