import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// Two entries, one project: field/ works offline on a phone, console/ is the desk.
export default defineConfig({
  base: '/',
  plugins: [vue()],
  resolve: { alias: { '@': here('./src') } },
  build: {
    outDir: 'dist',
    target: ['chrome107', 'safari16.4'],
    rollupOptions: {
      input: { field: here('./field/index.html'), console: here('./console/index.html') },
    },
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'], setupFiles: [] },
})
