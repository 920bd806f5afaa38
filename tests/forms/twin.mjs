// The phone's engine as a process: one JSON request a line, one JSON answer a line. Started by tests/forms/twin.py.

import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const [, , pwa, out] = process.argv
const { rolldown } = createRequire(resolve(pwa, 'package.json'))('rolldown')
const engine = join(pwa, 'src', 'forms')
const bundle = await rolldown({ cwd: pwa, input: { index: join(engine, 'index.ts'), evaluate: join(engine, 'evaluate.ts') }, logLevel: 'silent' })
await bundle.write({ dir: out, format: 'esm', entryFileNames: '[name].mjs' })
const load = (name) => import(pathToFileURL(join(out, `${name}.mjs`)).href)
const { openSheet } = await load('index')
const { evaluate } = await load('evaluate')

const its = (record, name) => (Object.hasOwn(record, name) ? record[name] : null)
const scopeOf = ({ own, now, timeZone, items, rows, sections }) => ({
  own, now: Date.parse(now), timeZone,
  item: (name) => its(items, name), every: (name) => its(rows, name), rows: (name) => its(sections, name),
})

const WORK = {
  evaluate: ({ tree, scope }) => evaluate(tree, scopeOf(scope)),
  judge({ definition, limits, now, answers, asked, zones }) {
    const { items, ...rest } = openSheet(definition, limits, now, { answers, asked: asked ?? undefined, zones }).result
    const plain = ({ result, danger, reasons, problems, needs, done, value }) =>
      ({ result, danger: danger !== null, reasons, problems, needs, done, value: value ?? null })
    return { ...rest, items: Object.fromEntries(Object.entries(items).map(([key, one]) => [key, plain(one)])) }
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { work, ...given } = JSON.parse(line)
  process.stdout.write(`${JSON.stringify(WORK[work](given))}\n`)
}
