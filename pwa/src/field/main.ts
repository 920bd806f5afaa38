import { createPinia } from 'pinia'
import { createApp } from 'vue'
import '@/shared/tokens.css'
import './base.css'
import App from './App.vue'
import { portsKey, type Ports } from './ports'
import { makeRouter } from './router'

async function openPorts(): Promise<Ports> {
  // The made-up world of development; a build leaves this branch out.
  const who = new URLSearchParams(location.search).get('fake')
  if (import.meta.env.DEV && who !== null) return (await import('./fake/world')).openFake(who)
  throw new Error('no ports')
}

// The floor (public/floor.js) has already said what this browser lacks.
if (!document.documentElement.dataset.floor) {
  const ports = await openPorts()
  createApp(App).use(createPinia()).use(makeRouter(ports)).provide(portsKey, ports).mount('#app')
}
