/** The carrier of photos: tus 1.0 by tus-js-client, loaded when the first photo goes. */
import type { Http } from './http'
import { CarryFailed, type Carrier } from './uploads'

const CHUNK = 256 * 1024
/** No byte for so long: the connection is dead, though nobody said so. */
const STALLED_MS = 60_000

export const tusCarrier = (http: Http): Carrier => ({
  async carry({ bytes, sha, type, url }, begun) {
    const { Upload } = await import('tus-js-client')
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
        endpoint: `${http.base}/uploads`, uploadUrl: url, chunkSize: CHUNK, retryDelays: null, storeFingerprintForResuming: false,
        uploadDataDuringCreation: true, metadata: { sha256: sha.replace('sha256:', ''), type },
        onBeforeRequest: (request) => {
          for (const [name, value] of Object.entries(http.csrf())) request.setHeader(name, value)
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
