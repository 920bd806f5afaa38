// @vitest-environment happy-dom
import { afterEach, expect, it } from 'vitest'
import { createApp, h, nextTick, shallowRef, type App } from 'vue'
import HeadEditor from './HeadEditor.vue'
import type { Doc } from './document'
import type { Flaw } from './calls'

let app: App
const root = document.createElement('div')
afterEach(() => app.unmount())

it('keeps what is typed for the head of the sheet when the server answers meanwhile, and the line that is only begun', async () => {
  const doc = shallowRef({ title: { zh: '通风巡查表' }, sections: [] } as unknown as Doc)
  const flaws = shallowRef<Flaw[]>([])
  const put = (path: string, value: unknown) => (doc.value = { ...doc.value, [path]: value })
  app = createApp({ render: () => h(HeadEditor, { doc: doc.value, kind: 'inspection', based: false, flaws: flaws.value, onPut: put }) })
  app.mount(root)
  const head = root.querySelector('textarea')!

  head.value = '被检查单位\n'
  head.dispatchEvent(new Event('input'))
  flaws.value = []
  await nextTick()
  expect(head.value).toBe('被检查单位\n')
  expect(doc.value.header).toEqual([{ zh: '被检查单位' }])

  head.dispatchEvent(new Event('blur'))
  await nextTick()
  expect(head.value).toBe('被检查单位')
})
