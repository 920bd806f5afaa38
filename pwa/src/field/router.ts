/** Addresses of the screens. Behind the hash: the server then serves one page, and the phone needs one page offline. */
import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import type { Ports } from './ports'

/** `open`: readable without a PIN. */
declare module 'vue-router' {
  interface RouteMeta {
    open?: boolean
  }
}

const open = { open: true }
const routes: RouteRecordRaw[] = [
  { path: '/', component: () => import('./home/HomeScreen.vue') },
  { path: '/enter', meta: open, component: () => import('./auth/EnterScreen.vue') },
  { path: '/enter/activate', meta: open, component: () => import('./auth/ActivateScreen.vue') },
  { path: '/enter/sign-in', meta: open, component: () => import('./auth/SignInScreen.vue') },
  { path: '/enter/pin', meta: open, component: () => import('./auth/SetPinScreen.vue') },
  { path: '/enter/:id', meta: open, props: true, component: () => import('./auth/UnlockScreen.vue') },
  { path: '/lists/:id', props: true, component: () => import('./lists/ListScreen.vue') },
  { path: '/lists/:id/sign', props: true, component: () => import('./lists/SignScreen.vue') },
  { path: '/own', component: () => import('./lists/OwnScreen.vue') },
  { path: '/own/:id', props: (route) => ({ id: route.params.id, own: true }), component: () => import('./lists/ListScreen.vue') },
  { path: '/own/:id/sign', props: (route) => ({ id: route.params.id, own: true }), component: () => import('./lists/SignScreen.vue') },
  { path: '/paper', component: () => import('./paper/ScanScreen.vue') },
  { path: '/paper/:form/:task?', props: (route) => ({ ...route.params, list: route.query.list }), component: () => import('./paper/EnterScreen.vue') },
  { path: '/hazards', component: () => import('./hazards/HazardsScreen.vue') },
  { path: '/hazards/new', component: () => import('./hazards/NewHazardScreen.vue') },
  { path: '/hazards/:id', props: true, component: () => import('./hazards/HazardScreen.vue') },
  { path: '/hazards/:id/:act', props: true, component: () => import('./hazards/MoveScreen.vue') },
  { path: '/visits', component: () => import('./visits/VisitsScreen.vue') },
  { path: '/visits/:id', props: true, component: () => import('./visits/VisitScreen.vue') },
  { path: '/visits/:id/team', props: ({ params, query }) => ({ ...params, form: query.form }), component: () => import('./visits/TeamScreen.vue') },
  { path: '/visits/:id/end', props: true, component: () => import('./visits/EndScreen.vue') },
  { path: '/visits/:id/papers/:kind/:telling(\\d+)?', props: ({ params }) => ({ ...params, telling: Number(params.telling || 0) }), component: () => import('./visits/PaperScreen.vue') },
  { path: '/records', component: () => import('./records/RecordsScreen.vue') },
  { path: '/cards', meta: open, component: () => import('./cards/CardsScreen.vue') },
  { path: '/cards/:id', meta: open, props: true, component: () => import('./cards/CardScreen.vue') },
  { path: '/settings', meta: open, component: () => import('./settings/SettingsScreen.vue') },
  { path: '/:any(.*)*', redirect: '/' },
]

/** Where the phone was, so that whoever unlocks it again stands where he stood. */
export const ROUTE = 'route'

export function makeRouter({ session, store }: Ports) {
  const router = createRouter({ history: createWebHashHistory(), routes })
  router.beforeEach((to) => to.meta.open || session.current.value !== null || '/enter')
  router.afterEach((to) => {
    if (session.current.value && !to.meta.open) void store.saveDraft(ROUTE, to.fullPath)
  })
  return router
}
