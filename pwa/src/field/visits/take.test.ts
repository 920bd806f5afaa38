// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick } from 'vue'
import { toFrames } from '@/sync/frames'
import { fakePorts } from '../fake/store'
import { mount, type Mounted } from '../testing'

/** What the camera sees next. */
let sees: (code: string) => void
vi.mock('../controls/QrScan.vue', () => ({
  default: defineComponent({ emits: ['read'], setup: (_, { emit }) => ((sees = (code) => emit('read', code)), () => h('i')) }),
}))
const { default: TakePart } = await import('./TakePart.vue')

const PART = Uint8Array.from({ length: 500 }, (_, index) => (index * 7) % 256)
let page: Mounted
let whole: Uint8Array | undefined

function show() {
  whole = undefined
  const ports = fakePorts({ rows: {}, people: [], open: null, board: { cards: [], phones: [], lists: [] }, conflicts: [], rejected: [], blobs: new Map() })
  page = mount(TakePart, { onWhole: (part: Uint8Array) => (whole = part) }, ports)
}
async function films(code: string): Promise<string> {
  sees(code)
  await nextTick()
  await nextTick()
  return page.find('dialog').textContent!.replace(/\s+/g, ' ')
}
afterEach(() => page.close())

describe('the finder', () => {
  it('counts the codes of a part in whatever order they come, and gives it over when all are there', async () => {
    show()
    const [one, two, three] = toFrames(PART) as [string, string, string]
    expect(await films(three)).toContain('已收 1/3')
    expect(await films(one)).toContain('已收 2/3')
    expect(await films(three)).toContain('已收 2/3')
    expect(whole).toBeUndefined()
    await films(two)
    expect(whole).toEqual(PART)
  })

  it('says that a code was misread, and goes on', async () => {
    show()
    const [one, two] = toFrames(PART) as [string, string]
    await films(one)
    expect(await films(two.slice(0, -1) + (two.endsWith('0') ? '1' : '0'))).toContain('刚才这个码读错了或被改动过')
    const now = await films(two)
    expect(now).toContain('已收 2/3')
    expect(now).not.toContain('读错')
  })

  it('says of any other code that it is none of these', async () => {
    show()
    expect(await films('KJ-P-420-3')).toContain('这不是检查加入码')
    expect(await films('KJ1:visit:elsewhere')).toContain('您的手机还没有这次检查')
    expect(await films(toFrames(PART)[0]!)).not.toContain('您的手机还没有这次检查')
  })
})
