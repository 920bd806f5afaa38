import { createApp } from 'vue'
import '@/shared/tokens.css'
import 'element-plus/theme-chalk/base.css'
import './console.css'
import App from './App.vue'
import { Unreachable, whenSignedOut } from './api'
import { keptLanguage, useLanguage } from './i18n'
import { makeRouter } from './router'
import { forget, resume } from './session'

await useLanguage(keptLanguage())
await resume().catch((error: unknown) => {
  if (!(error instanceof Unreachable)) throw error // the sign-in page says so when it is tried
})
const router = makeRouter()
whenSignedOut(() => {
  forget()
  const here = router.currentRoute.value
  if (here.path !== '/sign-in') void router.replace({ path: '/sign-in', query: { to: here.fullPath } })
})
createApp(App).use(router).mount('#app')
