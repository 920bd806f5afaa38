import { createApp } from 'vue'
import '@/shared/tokens.css'
import App from './App.vue'

createApp(App, { short: decodeURIComponent(location.pathname.split('/').pop() ?? '') }).mount('#app')
