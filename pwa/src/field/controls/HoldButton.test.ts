// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { mount, type Mounted } from '../testing'
import HoldButton from './HoldButton.vue'

let page: Mounted
const confirmed = vi.fn()
beforeEach(() => {
  vi.useFakeTimers()
  page = mount(HoldButton, { onConfirm: confirmed })
})
afterEach(() => {
  page.close()
  confirmed.mockReset()
  vi.useRealTimers()
})
const point = (type: string) => page.find('.hold').dispatchEvent(new PointerEvent(type, { bubbles: true }))

describe('an act that must not happen by a brush of the sleeve', () => {
  it('is done when it is held for a second', () => {
    point('pointerdown')
    vi.advanceTimersByTime(999)
    expect(confirmed).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(confirmed).toHaveBeenCalledOnce()
  })

  it('is not done when it is let go before', () => {
    point('pointerdown')
    vi.advanceTimersByTime(900)
    point('pointerup')
    vi.advanceTimersByTime(5000)
    expect(confirmed).not.toHaveBeenCalled()
  })

  it('is not asked about again by the click that ends a full hold', async () => {
    point('pointerdown')
    vi.advanceTimersByTime(1000)
    point('pointerup')
    await page.click(page.find('.hold'))
    expect(page.all('[role=group]')).toHaveLength(0)
    expect(confirmed).toHaveBeenCalledOnce()
  })

  it('asks once more where somebody can only tap', async () => {
    await page.click(page.find('.hold'))
    expect(confirmed).not.toHaveBeenCalled()
    await page.click('确认')
    expect(confirmed).toHaveBeenCalledOnce()
  })

  it('can be thought better of', async () => {
    await page.click(page.find('.hold'))
    await page.click('取消')
    await nextTick()
    expect(page.find('.hold')).toBeTruthy()
    expect(confirmed).not.toHaveBeenCalled()
  })

  it('can be held with the space bar', async () => {
    await page.key(page.find('.hold'), ' ')
    vi.advanceTimersByTime(1000)
    expect(confirmed).toHaveBeenCalledOnce()
  })
})
