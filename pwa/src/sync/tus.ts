/** The carrier of photos: tus 1.0 by tus-js-client, loaded when the first photo goes. */
import type { Http } from './http'
import { CarryFailed, type Carrier } from './uploads'

/** Of a part, bytes. Where a network cuts every one of that size, smaller ones get through. */
const [LARGEST, SMALLEST] = [256 * 1024, 32 * 1024]
/** No byte for so long: the connection is dead, though nobody said so. */
const STALLED_MS = 60_000

export const tusCarrier = (http: Http): Carrier => ({
  async carry({ bytes, sha, type, url, failures }, begun) {
    const { Upload } = await import('tus-js-client')
    const chunkSize = Math.max(SMALLEST, LARGEST / 2 ** failures)
    await new Promise<void>((resolve, reject) => {
      let watch: ReturnType<typeof setTimeout>
      const ended = (end: () => void) => () => {
        clearTimeout(watch)
        end()
      }
      const stirred = () => {
        clearTimeout(watch)
        watch = setTimeout(() => void upload.abort().finally(() => reject(new CarryFailed(0, 'stalled'))), STALLED_MS)
      }
      const upload = new Upload(bytes, {
        endpoint: `${http.base}/uploads`, uploadUrl: url, chunkSize, retryDelays: null, storeFingerprintForResuming: false,
        uploadDataDuringCreation: true, metadata: { sha256: sha.replace('sha256:', ''), type },
        onBeforeRequest: async (request) => {
          for (const [name, value] of Object.entries(http.csrf())) request.setHeader(name, value)
          if (!['POST', 'PATCH'].includes(request.getMethod())) return
          const at = Number(request.getHeader('Upload-Offset') ?? 0)
          request.setHeader('Upload-Checksum', await checksum(bytes.slice(at, at + chunkSize)))
        },
        onUploadUrlAvailable: () => begun(upload.url!),
        onProgress: stirred,
        onSuccess: ended(resolve),
        onError: (error) => ended(() => reject(failure(error)))(),
      })
      stirred()
      upload.start()
    })
  },
})

/** A part that was damaged on its way is asked for again, and not the whole photo. */
async function checksum(part: Blob): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await part.arrayBuffer()))
  return `sha256 ${btoa(String.fromCharCode(...digest))}`
}

function failure(error: Error): CarryFailed {
  const answer = 'originalResponse' in error ? (error.originalResponse as { getStatus(): number; getBody(): string } | null) : null
  if (!answer) return new CarryFailed(0, error.message)
  return new CarryFailed(answer.getStatus(), codeOf(answer.getBody()) ?? `http.${answer.getStatus()}`)
}

function codeOf(body: string): string | undefined {
  try {
    return JSON.parse(body).code
  } catch {
    return undefined
  }
}
