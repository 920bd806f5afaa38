import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { precache } from './precache'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const pages = ['field', 'console', 'preview', 'verify'].filter((name) => existsSync(here(`./${name}/index.html`)))

// One project: field/ works offline on a phone, console/ is the desk, verify/ is for the public; preview/ is the phone in a
// frame of the desk's designer.
export default defineConfig({
  base: '/',
  plugins: [vue(), precache('field', 'sw', ['floor.js'])],
  resolve: { alias: { '@': here('./src') } },
  build: {
    outDir: 'dist',
    target: ['chrome107', 'safari16.4'],
    rollupOptions: {
      input: { ...Object.fromEntries(pages.map((name) => [name, here(`./${name}/index.html`)])), sw: here('./src/sw.ts') },
      // The worker's address must stay the same, and lie in the folder that it serves.
      output: { entryFileNames: (chunk) => (chunk.name === 'sw' ? 'field/sw.js' : 'assets/[name]-[hash].js') },
    },
  },
  // The limits are for what hangs: a slow machine is no fault.
  test: { environment: 'node', include: ['src/**/*.test.ts'], setupFiles: [], testTimeout: 60_000, hookTimeout: 60_000 },
})
