/**
 * A list on a phone that is none: the field app's own screen and engine over ports in memory. The desk's designer puts
 * this page into a frame and sends it the list at every change; what was answered to try it stays.
 */
import { createApp, h, type App } from 'vue'
import { createMemoryHistory, createRouter, RouterView, type Router } from 'vue-router'
import '@/shared/tokens.css'
import '@/field/base.css'
import { resolve } from '@/forms'
import type { FormDefinition } from '@/forms/types'
import { fakePorts } from '@/field/fake/store'
import { useLanguage } from '@/field/i18n'
import ListScreen from '@/field/lists/ListScreen.vue'
import { portsKey, type Me, type Ports, type SubmissionRow } from '@/field/ports'
import { day, stamp } from '@/shared/when'

interface Shown { definition: FormDefinition; at?: string; language: 'zh' | 'en' }
const [MINE, TASK, WHO] = ['mine', 'task', 'who']
const me: Me = { id: WHO, name: '预览', certificate_no: null, grants: [{ role: 'worker', scope: `mine:${MINE}` }] }

let app: App | undefined
let ports: Ports | undefined
let router: Router | undefined
let turn = 0

function portsFor(definition: FormDefinition, before: SubmissionRow | undefined): Ports {
  const form = `form-${++turn}`
  const soon = stamp(new Date(Date.now() + 4 * 3_600_000))
  const asked = definition.sections.flatMap(({ items }) => items.map(({ id }) => id))
  return fakePorts({
    open: me, people: [{ me, user: { id: WHO, name: me.name, note: '', unsent: 0 } }], conflicts: [], rejected: [], blobs: new Map(), board: { cards: [], phones: [], lists: [] },
    rows: {
      form: [{ id: form, ver: 1, key: definition.key, kind: definition.kind, definition, retired: false, base: null, number: 1, published_at: stamp(), recalled: null }],
      task: [{ id: TASK, ver: 1, mine: MINE, person: WHO, place: null, post: '', form, asked, shift: '', opens_at: stamp(), due_at: soon, state: 'open' }],
      mine: [{ id: MINE, ver: 1, name: '', kind: 'underground', address: '', legal_person: '', legal_person_position: '', phone: '', dispatch_phone: '000-0000', parameters: {} }],
      person: [{ id: WHO, ver: 1, user: WHO, mine: MINE, name: me.name, title: '', team: '', posts: [] }],
      submission: before ? [{ ...before, form, asked, limits: resolve(definition, {}, {}, day(before.opened_at)) }] : [],
    },
  })
}

async function show({ definition, at, language }: Shown) {
  await useLanguage(language)
  const before = ports?.store.rows('submission').value?.find(({ state }) => state === 'draft')
  const next = portsFor(definition, before)
  router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/lists/:id', component: ListScreen, props: true }, { path: '/:any(.*)*', redirect: `/lists/${TASK}` }] })
  await router.push({ path: `/lists/${TASK}`, query: at ? { item: at } : {} })
  app?.unmount()
  ports = next
  app = createApp({ render: () => h(RouterView) }).use(router).provide(portsKey, next)
  app.mount('#app')
}

function go(item: string) {
  const card = document.querySelector(`[data-item="${CSS.escape(item)}"]`)
  card?.scrollIntoView({ block: 'start' })
}

addEventListener('message', ({ source, origin, data }: MessageEvent<Partial<Shown>>) => {
  if (source !== parent || origin !== window.origin) return
  if (data.definition) void show(data as Shown)
  else if (data.at) go(data.at)
})
parent.postMessage('ready', window.origin)
