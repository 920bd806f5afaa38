import { createPinia } from 'pinia'
import { createApp } from 'vue'
import '@/shared/tokens.css'
import './base.css'
import App from './App.vue'
import Unopened from './Unopened.vue'
import { portsKey, type Ports } from './ports'
import { makeRouter } from './router'

async function ports(): Promise<Ports> {
  const who = new URLSearchParams(location.search).get('fake')
  // The made-up world of development; a build leaves this branch out.
  if (import.meta.env.DEV && who !== null) return (await import('./fake/world')).openFake(who)
  return (await import('./wiring')).openPorts()
}

// The floor (public/floor.js) has already said what this browser lacks.
if (!document.documentElement.dataset.floor) {
  // Nothing opens without the databases: a full disk or a private window is said, not shown as an empty page.
  const opened = await ports().catch((error: unknown) => void createApp(Unopened, { error }).mount('#app'))
  if (opened) createApp(App).use(createPinia()).use(makeRouter(opened)).provide(portsKey, opened).mount('#app')
  // The worker keeps the app's files; without it (a browser that forbids it) the app runs while there is a network.
  if (import.meta.env.PROD) void navigator.serviceWorker?.register('/field/sw.js', { scope: '/field/' }).catch(() => {})
}
