// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest'
import { judge } from '@/forms'
import { driller } from '../fake/forms'
import { mount, type Mounted } from '../testing'
import NumberPad from './NumberPad.vue'

// Carbon monoxide: at most 24 ppm; above 50 work stops.
const co = driller.sections[0]!.items.find(({ id }) => id === 'UG01-03')!
const limits = [{ bound: 'max' as const, value: 24, from: 'form' as const }]
const now = '2026-03-02T07:40:00+08:00'

let page: Mounted
const entered = vi.fn()
function show(start?: number) {
  page = mount(NumberPad, {
    title: co.text.zh,
    spec: co.answer,
    form: driller,
    limit: '≤ 24 ppm',
    start,
    verdictOf: (value: number) => judge(co, { value }, limits, now),
    onEnter: entered,
  })
}
const type = async (keys: string) => {
  for (const key of keys) await page.click(page.all<HTMLButtonElement>('.keys button').find((button) => button.textContent === key)!)
}
afterEach(() => {
  page.close()
  entered.mockReset()
})

describe('the number pad', () => {
  it('keeps the limit in sight', () => {
    show()
    expect(page.find('.limit').textContent).toContain('≤ 24 ppm')
  })

  it('says at once that 30 ppm against 24 fails, before anything is confirmed', async () => {
    show()
    await type('30')
    expect(page.find('.verdict').textContent).toContain('不合格')
    expect(entered).not.toHaveBeenCalled()
    await page.click('确定')
    expect(entered).toHaveBeenCalledExactlyOnceWith(30)
  })

  it('says that 24 passes', async () => {
    show()
    await type('24')
    expect(page.find('.verdict').textContent).toContain('合格')
    expect(page.find('.verdict').textContent).not.toContain('不')
  })

  it('says stop at 60, while he is still typing', async () => {
    show()
    await type('60')
    expect(page.find('.verdict').textContent).toContain('停工 · 撤人 · 报告')
  })

  it('confirms nothing while there is no number', async () => {
    show()
    expect(page.button('确定').disabled).toBe(true)
  })

  it('begins afresh over what was there before', async () => {
    show(18)
    await type('31')
    expect(page.find('.reading b').textContent).toBe('31')
  })

  it('works with a real keyboard', async () => {
    show()
    for (const key of ['1', '2', 'Backspace', '9']) await page.key(page.find('.pad'), key)
    await page.key(page.find('.reading'), 'Enter')
    expect(entered).toHaveBeenCalledExactlyOnceWith(19)
  })
})
