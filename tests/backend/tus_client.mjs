// tus-js-client as its documentation says to use it: node tus_client.mjs <endpoint> <file> <metadata> <authorization> [<bytes to stop after>]
// Prints the upload's address; with a last argument it breaks off there, and a second run goes on.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'

const require = createRequire(new URL('../../pwa/package.json', import.meta.url))
const { Upload } = require('tus-js-client')
const [endpoint, file, metadata, authorization, stop, uploadUrl] = process.argv.slice(2)

const upload = new Upload(readFileSync(file), {
  endpoint,
  uploadUrl: uploadUrl || null,
  chunkSize: 64 * 1024,
  retryDelays: [0, 200, 1000, 3000, 5000],
  metadata: JSON.parse(metadata),
  headers: { Authorization: authorization },
  onChunkComplete(_, accepted) {
    if (Number(stop) && accepted >= Number(stop)) upload.abort().then(() => console.log(upload.url))
  },
  onSuccess: () => console.log(upload.url),
  onError(error) {
    console.error(String(error))
    process.exitCode = 1
  },
})
upload.start()
