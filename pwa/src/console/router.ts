import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { useMe } from './session'

/** One page a line; each comes when it is first opened. act: what of the server's table one must hold to be shown it. */
export interface Entry { path: string; key: string; word: 'nav.worklist' | 'nav.lists' | 'nav.forms' | 'nav.hazards' | 'nav.visits' | 'nav.documents' | 'nav.mines' | 'nav.people' | 'nav.phones' | 'nav.returned' | 'nav.conflicts' | 'nav.backups' | 'nav.carry'; glyph: 'clock' | 'list' | 'note' | 'hazard' | 'visit' | 'file' | 'book' | 'user' | 'phoneOnly' | 'rejected' | 'conflict' | 'disk' | 'share'; act?: string }

export const ENTRIES: readonly Entry[] = [
  { path: '/', key: 'w', word: 'nav.worklist', glyph: 'clock' },
  { path: '/lists', key: 'l', word: 'nav.lists', glyph: 'list', act: 'submission.read' },
  { path: '/hazards', key: 'h', word: 'nav.hazards', glyph: 'hazard', act: 'hazard.read' },
  { path: '/visits', key: 'v', word: 'nav.visits', glyph: 'visit', act: 'visit.read' },
  { path: '/documents', key: 'd', word: 'nav.documents', glyph: 'file', act: 'document.read' },
  { path: '/forms', key: 'f', word: 'nav.forms', glyph: 'note', act: 'form.read' },
  { path: '/mines', key: 'm', word: 'nav.mines', glyph: 'book', act: 'mine.read' },
  { path: '/conflicts', key: 'c', word: 'nav.conflicts', glyph: 'conflict', act: 'conflict.resolve' },
  { path: '/returned', key: 'r', word: 'nav.returned', glyph: 'rejected', act: 'quarantine.list' },
  { path: '/people', key: 'p', word: 'nav.people', glyph: 'user', act: 'account.manage' },
  { path: '/phones', key: 't', word: 'nav.phones', glyph: 'phoneOnly', act: 'account.manage' },
  { path: '/carry', key: 'i', word: 'nav.carry', glyph: 'share' },
  { path: '/backups', key: 'b', word: 'nav.backups', glyph: 'disk', act: 'server.watch' },
]

const routes: RouteRecordRaw[] = [
  { path: '/sign-in', component: () => import('./SignIn.vue') },
  { path: '/', component: () => import('./worklist/Worklist.vue') },
  { path: '/lists', component: () => import('./lists/Coverage.vue') },
  { path: '/lists/:id', component: () => import('./lists/Submission.vue'), props: true },
  { path: '/hazards', component: () => import('./hazards/Hazards.vue') },
  { path: '/hazards/:id', component: () => import('./hazards/Hazard.vue'), props: true },
  { path: '/visits', component: () => import('./visits/Visits.vue') },
  { path: '/visits/:id', component: () => import('./visits/Visit.vue'), props: true },
  { path: '/documents', component: () => import('./documents/Documents.vue') },
  { path: '/documents/:id', component: () => import('./documents/Document.vue'), props: true },
  { path: '/forms', component: () => import('./forms/Forms.vue') },
  { path: '/forms/import', component: () => import('./forms/Import.vue') },
  { path: '/forms/versions/:sha', component: () => import('./forms/Version.vue'), props: true },
  { path: '/forms/drafts/:id', component: () => import('./forms/Draft.vue'), props: true },
  { path: '/mines', component: () => import('./mines/Mines.vue') },
  { path: '/mines/:id', component: () => import('./mines/Mine.vue'), props: true },
  { path: '/people', component: () => import('./people/People.vue') },
  { path: '/people/:unit/:id', component: () => import('./people/Person.vue'), props: true },
  { path: '/phones', component: () => import('./phones/Phones.vue') },
  { path: '/returned', component: () => import('./phones/Returned.vue') },
  { path: '/returned/:id', component: () => import('./phones/ReturnedOne.vue'), props: true },
  { path: '/conflicts', component: () => import('./phones/Conflicts.vue') },
  { path: '/conflicts/:id', component: () => import('./phones/Conflict.vue'), props: true },
  { path: '/carry', component: () => import('./carry/Carry.vue') },
  { path: '/backups', component: () => import('./backups/Backups.vue') },
  { path: '/:rest(.*)*', component: () => import('./NotHere.vue') },
]

export function makeRouter() {
  const router = createRouter({
    history: createWebHistory('/console/'),
    routes,
    scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? undefined : { top: 0 }),
  })
  const me = useMe()
  router.beforeEach((to) => {
    if (!me.value && to.path !== '/sign-in') return { path: '/sign-in', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
    if (me.value && to.path === '/sign-in') return '/'
    return true
  })
  return router
}
