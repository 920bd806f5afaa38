/** What the desk asks of /forms. */
import { api, Refused, told, Unreachable, type Shapes } from '../api'
import type { Doc } from './document'

export type Draft = Shapes['Draft']
export type Version = Shapes['Version']
export type Row = Shapes['ListRow']
export type LookedAt = Shapes['LookedAt']
export type Change = Shapes['Change']
export type Flaw = Shapes['Flaw']
export type Named = Shapes['NamedVersion']

export const getVersion = (sha: string) => told(api.GET('/api/v1/forms/versions/{sha}', { params: { path: { sha } } }))
export const getDiff = (sha: string, against?: string) => told(api.GET('/api/v1/forms/versions/{sha}/diff', { params: { path: { sha }, query: against ? { against } : {} } }))
export const getDraft = (id: string) => told(api.GET('/api/v1/forms/drafts/{draft_id}', { params: { path: { draft_id: id } } }))
export const getChoices = () => told(api.GET('/api/v1/forms/choices'))

export const begin = (body: Shapes['Begin']) => told(api.POST('/api/v1/forms/drafts', { body }))
/** A draft that begins with what a version says: its next version, or a list of `owner`'s. */
export const draftFrom = (sha: string, body: Shapes['From']) => told(api.POST('/api/v1/forms/versions/{sha}/drafts', { params: { path: { sha } }, body }))
export const stop = (sha: string, act: string, body: Shapes['Stop']) => told(api.POST('/api/v1/forms/versions/{sha}/{act}', { params: { path: { sha, act: act as never } }, body }))
export const move = (id: string, act: string, body: Shapes['DraftMove']) => told(api.POST('/api/v1/forms/drafts/{draft_id}/{act}', { params: { path: { draft_id: id, act: act as never } }, body }))
export const save = (id: string, seen: number, document: Doc) => told(api.PUT('/api/v1/forms/drafts/{draft_id}', { params: { path: { draft_id: id } }, body: { seen, document: { ...document } } }))
export const look = (id: string, document: Doc) => told(api.POST('/api/v1/forms/drafts/{draft_id}/look', { params: { path: { draft_id: id } }, body: { document: { ...document } } }))

// Files

export interface Place { sheet: string; row: number; column: string }
export interface Remark extends Place { code: string; cells: string[]; path: string | null; what: { zh: string; en: string }; mend: { zh: string; en: string } }
export interface ReadList { definition: Record<string, unknown>; origin: Record<string, Place>; doubts: Remark[] }
export interface Cell extends Place { fate: string; list: number | null; path: string | null }
export interface FilePreview { lists: ReadList[]; doubts: Remark[]; refusals: Remark[]; cells: Cell[] }

/** Sends a file and tells how much of it is there (0 to 1): fetch cannot. The sign-in is made fresh first. */
async function upload<T>(path: string, file: File, fields: Record<string, string | string[]>, progress: (part: number) => void): Promise<T> {
  await told(api.GET('/api/v1/auth/me'))
  const body = new FormData()
  body.append('file', file)
  for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one)
  const csrf = document.cookie.split('; ').find((one) => one.startsWith('csrf_access_token='))?.split('=')[1] ?? ''
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest()
    request.open('POST', `/api/v1/forms/${path}`)
    request.setRequestHeader('X-CSRF-TOKEN', csrf)
    request.setRequestHeader('Accept-Language', document.documentElement.lang)
    request.responseType = 'json'
    request.upload.onprogress = ({ loaded, total }) => progress(loaded / total)
    request.onload = () => (request.status < 300 ? done(request.response as T) : fail(new Refused(request.response ?? { title: request.statusText, status: request.status, code: 'unknown' })))
    request.onerror = () => fail(new Unreachable())
    request.send(body)
  })
}

export const preview = (file: File, kind: string, progress: (part: number) => void) => upload<FilePreview>('import/preview', file, kind ? { kind } : {}, progress)
export const keep = (file: File, fields: { kind?: string; owner: string; lists: string[] }, progress: (part: number) => void) => upload<Shapes['Kept']>('import', file, fields, progress)
