// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick, reactive, ref, shallowReactive } from 'vue'
import type { Answer } from '@/forms/types'
import { resolve } from '@/forms'
import { driller } from '../fake/forms'
import type { Store } from '../ports'
import { mount, type Mounted } from '../testing'
import ItemList from './ItemList.vue'
import type { ListSheet } from './sheet'

/** Everything is on the screen at once: sight is tried in Chromium, where there is one. */
class AllInSight implements Partial<IntersectionObserver> {
  constructor(private readonly seen: IntersectionObserverCallback) {}
  observe(target: Element) {
    this.seen([{ isIntersecting: true, target } as IntersectionObserverEntry], this as unknown as IntersectionObserver)
  }
  unobserve() {}
  disconnect() {}
}

const drafts = new Map<string, unknown>()
const store = {
  rows: () => ref([]),
  status: () => ref(null),
  draft: async (key: string) => drafts.get(key) ?? null,
  saveDraft: async (key: string, value: unknown) => void (value === null ? drafts.delete(key) : drafts.set(key, value)),
} as unknown as Store

let page: Mounted
let answers: Record<string, Answer | null>
async function show(kept: Record<string, Answer> = {}, closed = false) {
  answers = shallowReactive({ ...kept })
  const sheet: ListSheet = {
    submission: { id: 's1', visit: null, mine: 'm' },
    definition: driller,
    limits: resolve(driller, {}, {}, '2026-03-02'),
    openedAt: '2026-03-02T07:40:00+08:00',
    filling: { answers, unsaved: reactive({}), settled: { value: true } as never, answer: async (key, answer) => void (answers[key] = answer) },
    closed: () => closed,
    hazardOf: () => undefined,
    opensHazard: () => false,
    byName: () => undefined,
  }
  page = mount(ItemList, { sheet, phone: '000-8119', seen: [], start: undefined }, { store })
  await settle()
}
const settle = async () => {
  for (let i = 0; i < 5; i++) await nextTick()
}
const card = (item: string) => page.find(`[data-item="${item}"]`)
const inCard = <E extends HTMLElement = HTMLButtonElement>(item: string, selector: string) => card(item).querySelector<E>(selector)!
async function read(item: string, digits: string) {
  await page.click(inCard(item, '.reading'))
  for (const digit of digits) await page.click(page.all<HTMLButtonElement>('.keys button').find((key) => key.textContent === digit)!)
  await page.click('确定')
  await settle()
}

beforeEach(() => {
  vi.stubGlobal('IntersectionObserver', AllInSight)
  drafts.clear()
})
afterEach(() => {
  page.close()
  vi.unstubAllGlobals()
})

describe('a list', () => {
  it('takes an answer in one tap', async () => {
    await show()
    await page.click(inCard('UG01-01', '.pass'))
    expect(answers['UG01-01']).toMatchObject({ result: 'pass' })
  })

  it('fails a reading beyond its limit by itself', async () => {
    await show()
    await read('UG01-03', '30')
    expect(answers['UG01-03']).toMatchObject({ value: 30 })
    expect(answers['UG01-03']).not.toHaveProperty('result')
    expect(card('UG01-03').textContent).toContain('30 ppm 超过上限 24 ppm')
  })

  it('asks for the case that the mine’s design does not say', async () => {
    await show()
    expect(inCard('UG01-08', '[role=radiogroup]').textContent).toContain('压入式')
  })

  it('marks a clause that nobody has read', async () => {
    await show()
    await page.click(inCard('UG01-10', '.more button'))
    expect(inCard('UG01-10', '.standard').textContent).toContain('未核')
    await page.click(inCard('UG01-01', '.more button'))
    expect(inCard('UG01-01', '.standard').textContent).not.toContain('未核')
  })

  it('can be read and not changed once it is signed', async () => {
    await show({ 'UG01-01': { result: 'pass' } }, true)
    await page.click(inCard('UG01-01', '.fail'))
    expect(answers['UG01-01']).toEqual({ result: 'pass' })
    expect(page.all('button').some((button) => button.textContent!.includes('全部合格'))).toBe(false)
  })
})

describe('a reading that must stop work', () => {
  it('fills the screen before anything is filed', async () => {
    await show()
    await read('UG01-03', '60')
    expect(page.find('[role=alertdialog]').textContent).toContain('停工 · 撤人 · 报告')
    expect(page.find('[role=alertdialog]').textContent).toContain('60 ppm')
    expect(page.find<HTMLAnchorElement>('[role=alertdialog] a').href).toBe('tel:000-8119')
    expect(answers).toEqual({})
  })

  it('is filed when he says that people are out', async () => {
    await show()
    await read('UG01-03', '60')
    await page.click('已停工撤人，继续记录')
    await page.click('确认')
    expect(answers['UG01-03']).toMatchObject({ value: 60 })
    expect(page.all('[role=alertdialog]')).toHaveLength(0)
  })

  it('leaves nothing behind when it was mistyped', async () => {
    await show()
    await read('UG01-03', '60')
    await page.click('读错了，重新填写')
    await settle()
    expect(answers).toEqual({})
    expect(drafts.size).toBe(0)
  })

  it('stands there again when the phone died in his hand', async () => {
    await show()
    await read('UG01-03', '60')
    page.close()
    await show()
    expect(page.find('[role=alertdialog]').textContent).toContain('60 ppm')
  })

  it('does not come again for the same reading when only a note is added', async () => {
    await show({ 'UG01-03': { value: 60 } })
    const note = inCard<HTMLTextAreaElement>('UG01-03', 'textarea') ?? (await page.click([...card('UG01-03').querySelectorAll<HTMLButtonElement>('.more button')].at(-1)!), inCard<HTMLTextAreaElement>('UG01-03', 'textarea'))
    note.value = '已撤人'
    note.dispatchEvent(new Event('input'))
    note.dispatchEvent(new Event('blur'))
    await settle()
    expect(answers['UG01-03']).toMatchObject({ value: 60, note: '已撤人' })
    expect(page.all('[role=alertdialog]')).toHaveLength(0)
  })
})
