// @vitest-environment happy-dom
/** Two values of one thing on the phone. */
import { nextTick } from 'vue'
import { afterEach, expect, it } from 'vitest'
import { fakePorts } from '../fake/store'
import { mount, type Mounted } from '../testing'
import ConflictCard from './ConflictCard.vue'

let page: Mounted
afterEach(() => page.close())

it('who decides sees which value he is about to keep, and must say why', async () => {
  const kept: unknown[] = []
  const side = (text: string) => ({ text, by: '姜示范', at: null, photos: [] })
  const conflict = { id: 'c', entity: 'e', title: '检查表', field: '图纸', shown: side('不合格'), other: side('合格') }
  const ports = fakePorts({ rows: {}, people: [], open: null, board: { cards: [], phones: [], lists: [] }, conflicts: [], rejected: [], blobs: new Map() })
  page = mount(ConflictCard, { conflict, onKeep: (...told: unknown[]) => kept.push(told) }, ports)
  await page.click(page.all('.other button')[0]!)
  expect(page.find('dialog').textContent).toContain('以此为准：合格')
  expect(page.button('裁定').disabled).toBe(true)
  const why = page.find<HTMLTextAreaElement>('dialog textarea')
  why.value = '一同复查'
  why.dispatchEvent(new Event('input'))
  await nextTick()
  await page.click('裁定')
  expect(kept).toEqual([['other', '一同复查']])
})
