// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest'
import { mount, type Mounted } from '../testing'
import ConformSegment from './ConformSegment.vue'

let page: Mounted
const chosen = vi.fn()
const show = (props: object = {}) => (page = mount(ConformSegment, { labelledby: 'question', 'onUpdate:modelValue': chosen, ...props }))
afterEach(() => {
  page.close()
  chosen.mockReset()
})

describe('合格 / 不合格 / 不涉及', () => {
  it('is one group of three radios, each with an icon and a word', () => {
    show()
    expect(page.find('[role=radiogroup]').getAttribute('aria-labelledby')).toBe('question')
    expect(page.all('[role=radio]').map((radio) => radio.textContent!.trim())).toEqual(['合格', '不合格', '不涉及'])
    expect(page.all('[role=radio] svg')).toHaveLength(3)
  })

  it('answers with one tap', async () => {
    show()
    await page.click('不合格')
    expect(chosen).toHaveBeenCalledExactlyOnceWith('fail')
  })

  it('tells which one is chosen, and lets the keyboard reach only that one', () => {
    show({ modelValue: 'fail' })
    expect(page.all('[role=radio]').map((radio) => radio.getAttribute('aria-checked'))).toEqual(['false', 'true', 'false'])
    expect(page.all('[role=radio]').map((radio) => radio.getAttribute('tabindex'))).toEqual(['-1', '0', '-1'])
  })

  it('says nothing when the same is tapped again', async () => {
    show({ modelValue: 'pass' })
    await page.click('合格')
    expect(chosen).not.toHaveBeenCalled()
  })

  it('goes round with the arrow keys', async () => {
    show({ modelValue: 'na' })
    await page.key(page.all('[role=radio]')[2]!, 'ArrowRight')
    expect(chosen).toHaveBeenCalledExactlyOnceWith('pass')
    expect(document.activeElement).toBe(page.all('[role=radio]')[0])
  })

  it('changes nothing once the list is signed', async () => {
    show({ modelValue: 'pass', disabled: true })
    await page.click('不合格')
    expect(chosen).not.toHaveBeenCalled()
    expect(page.all('[role=radio]').every((radio) => radio.getAttribute('aria-disabled') === 'true')).toBe(true)
  })
})
