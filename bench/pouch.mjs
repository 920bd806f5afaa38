// The peer of bench_sync.py: PouchDB replicates the same documents to and from pouchdb-server. Prints one JSON line a step.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const [, , modules, url, docsFile, folder] = process.argv
const PouchDB = createRequire(modules + '/')('pouchdb')
const docs = JSON.parse(readFileSync(docsFile, 'utf8'))
const clock = async (step, work) => {
  const begun = performance.now()
  const done = await work()
  console.log(JSON.stringify({ step, seconds: (performance.now() - begun) / 1000, documents: done.docs_written }))
}

const phone = new PouchDB(`${folder}/phone`)
await phone.bulkDocs(docs.map(({ id, ...rest }) => ({ _id: id, ...rest })))
const options = { batch_size: 500 }
await clock('push', () => phone.replicate.to(url, options))
process.stdin.resume()
const told = () => new Promise((go) => process.stdin.once('data', go))
await told()
const other = new PouchDB(`${folder}/other`)
await clock('pull', () => other.replicate.from(url, options))
await told()
const one = await phone.get(docs[0].id)
await phone.put({ ...one, note: '已处理' })
await clock('edit', () => phone.replicate.to(url, options))
process.exit(0)
