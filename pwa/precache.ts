/**
 * A Vite plugin: writes into the service worker which files the field app needs without a network.
 *
 * They are what its page reaches, eagerly or not, and nothing of the console.
 */
import { createHash } from 'node:crypto'
import type { Plugin, Rollup } from 'vite'

const PAGE = 'field/index.html'

export function precache(entry: string, worker: string, always: string[]): Plugin {
  return {
    name: 'kuangjian-precache',
    enforce: 'post',
    apply: 'build',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
      const start = chunks.find((chunk) => chunk.isEntry && chunk.name === entry)
      const sw = chunks.find((chunk) => chunk.name === worker)
      const page = bundle[PAGE]
      if (!start || !sw || page?.type !== 'asset') throw new Error(`precache: ${entry}, ${worker} or ${PAGE} was not built`)
      const files = [...reached(start, bundle), ...Object.keys(bundle).filter((name) => name.endsWith('.wasm'))]
      const entries = [
        { url: `/${PAGE}`, revision: createHash('sha256').update(page.source).digest('hex').slice(0, 16) },
        ...files.map((name) => ({ url: `/${name}`, revision: null })),
        ...always.map((name) => ({ url: `/${name}`, revision: createHash('sha256').update(start.fileName).digest('hex').slice(0, 16) })),
      ]
      sw.code = sw.code.replace('self.__PRECACHE', JSON.stringify(entries))
    },
  }
}

/** The files of a chunk, of all it imports, and of their styles. */
function reached(start: Rollup.OutputChunk, bundle: Rollup.OutputBundle): Set<string> {
  const found = new Set<string>()
  const waiting = [start.fileName]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue
    found.add(name)
    const file = bundle[name]
    if (file?.type !== 'chunk') continue
    waiting.push(...file.imports, ...file.dynamicImports)
    for (const extra of [...(file.viteMetadata?.importedCss ?? []), ...(file.viteMetadata?.importedAssets ?? [])]) found.add(extra)
  }
  return found
}
