// @vitest-environment happy-dom
/** What stands on the first page while the server's rows are not here. */
import { ref, shallowRef } from 'vue'
import { afterEach, expect, it } from 'vitest'
import { fakePorts } from '../fake/store'
import type { Problem } from '../ports'
import { mount, type Mounted } from '../testing'
import Receiving from './Receiving.vue'

let page: Mounted
afterEach(() => page.close())

function shows(refusal: Problem | null, received?: number): string {
  const ports = fakePorts({ rows: {}, people: [], open: null, board: { cards: [], phones: [], lists: [] }, conflicts: [], rejected: [], blobs: new Map() })
  ports.session.network = ref('online')
  ports.store.refusal = shallowRef(refusal)
  ports.store.received = () => shallowRef(received)
  page = mount(Receiving, {}, ports)
  return page.root.textContent!.trim()
}

it('how many records have come so far', () => {
  expect(shows(null, 120)).toBe('正在取数据，请稍候… 已收到 120 条。')
})

it('a phone that was ended does not wait for what will not come: it says so, and what to do', () => {
  expect(shows({ code: 'sync.device_revoked', zh: '本机已按丢失停用。', en: 'This phone was ended.' }, 0)).toBe('本机已按丢失停用。')
  expect(page.find('[role=alert]').textContent).toContain('停用')
})
