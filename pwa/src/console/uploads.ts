/** Photos from a desk: made small and named like the phone's, sent over the same uploads. */
import { takePicture } from '@/shared/image'
import { ask, Refused } from './api'

/** Makes the picture that is kept and brings it to the server, in one piece: it is small. Returns its name. */
export async function sendPhoto(file: File): Promise<string> {
  const { bytes, sha } = await takePicture(file)
  const headers = {
    'Tus-Resumable': '1.0.0',
    'Upload-Length': String(bytes.byteLength),
    'Upload-Metadata': `sha256 ${btoa(sha.replace('sha256:', ''))},type ${btoa('image/jpeg')}`,
    'Content-Type': 'application/offset+octet-stream',
  }
  const answer = await ask(new Request('/api/v1/uploads', { method: 'POST', headers, body: bytes }))
  if (!answer.ok) throw new Refused(await answer.json())
  return sha
}
