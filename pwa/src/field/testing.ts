/** For tests of components: mounts one in a page of its own, with ports where it asks for them. */
import { createApp, h, nextTick, type Component } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { portsKey, type Ports } from './ports'

export interface Mounted {
  root: HTMLElement
  find<E extends HTMLElement = HTMLElement>(selector: string): E
  all<E extends HTMLElement = HTMLElement>(selector: string): E[]
  /** The button (or radio, or link) with this word on it. */
  button(word: string): HTMLButtonElement
  click(what: string | HTMLElement): Promise<void>
  key(on: HTMLElement, key: string, type?: 'keydown' | 'keyup'): Promise<void>
  close(): void
}

export function mount(component: Component, props: Record<string, unknown> = {}, ports?: Partial<Ports>): Mounted {
  const root = document.createElement('div')
  document.body.append(root)
  const app = createApp({ render: () => h(component, props) })
  app.use(createRouter({ history: createMemoryHistory(), routes: [{ path: '/:any(.*)*', component: { render: () => null } }] }))
  if (ports) app.provide(portsKey, ports as Ports)
  app.mount(root)
  // Dialogs stand beside the root, in the body.
  const all = <E extends HTMLElement>(selector: string) => [...document.body.querySelectorAll<E>(selector)]
  const mounted: Mounted = {
    root,
    all,
    find: (selector) => {
      const [found] = all(selector)
      if (!found) throw new Error(`nothing is ${selector}`)
      return found as never
    },
    button(word) {
      const found = all<HTMLButtonElement>('button, a').find((one) => one.textContent!.includes(word) || one.getAttribute('aria-label') === word)
      if (!found) throw new Error(`no button says ${word}`)
      return found
    },
    async click(what) {
      const target = typeof what === 'string' ? mounted.button(what) : what
      target.click()
      await nextTick()
    },
    async key(on, key, type = 'keydown') {
      on.dispatchEvent(new KeyboardEvent(type, { key, bubbles: true }))
      await nextTick()
    },
    close() {
      app.unmount()
      root.remove()
    },
  }
  return mounted
}
