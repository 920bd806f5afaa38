/** What the desk asks of /forms. Several acts share one address there, which the typed client cannot tell apart. */
import { api, ask, Refused, told, Unreachable, type Shapes } from '../api'

export type Draft = Shapes['Draft']
export type Version = Shapes['Version']
export type Row = Shapes['ListRow']
export type LookedAt = Shapes['LookedAt']
export type Change = Shapes['Change']
export type Flaw = Shapes['Flaw']
export type Named = Shapes['NamedVersion']

async function send<T>(method: string, path: string, body: unknown): Promise<T> {
  const request = new Request(`/api/v1/forms/${path}`, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  const answer = await ask(request)
  if (!answer.ok) throw new Refused(await answer.json())
  return (await answer.json()) as T
}

export const getVersion = (sha: string) => told(api.GET('/api/v1/forms/versions/{sha}', { params: { path: { sha } } }))
export const getDiff = (sha: string, against?: string) => told(api.GET('/api/v1/forms/versions/{sha}/diff', { params: { path: { sha }, query: against ? { against } : {} } }))
export const getDraft = (id: string) => told(api.GET('/api/v1/forms/drafts/{draft_id}', { params: { path: { draft_id: id } } }))
export const getChoices = () => told(api.GET('/api/v1/forms/choices'))

export const begin = (body: { owner: string; kind: string; title: string }) => send<Draft>('POST', 'drafts', body)
/** The next version: of the list itself, or with the newer version of what it stands on. */
export const revise = (sha: string, act: 'revise' | 'upgrade') => send<Draft>('POST', `versions/${sha}/${act}`, {})
export const take = (sha: string, act: 'adapt' | 'copy', owner: string) => send<Draft>('POST', `versions/${sha}/${act}`, { owner })
export const stop = (sha: string, act: string, seen: number, evidence: object) => send<Version>('POST', `versions/${sha}/${act}`, { seen, evidence })
export const move = (id: string, act: string, seen: number, evidence: object) => send<Draft>('POST', `drafts/${id}/${act}`, { seen, evidence })
export const save = (id: string, seen: number, document: unknown) => send<Draft>('PUT', `drafts/${id}`, { seen, document })
export const look = (id: string, document: unknown) => send<LookedAt>('POST', `drafts/${id}/look`, { document })

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
