/**
 * The desk's way to the server: typed by its own description, signed in by cookies that no script can read.
 *
 * A write carries the CSRF token from its cookie. A 401 renews the sign-in once, one renewal for all requests that
 * wait, and asks again; when that fails too, the person signs in anew.
 */
import createClient from 'openapi-fetch'
import type { components, paths } from '@/shared/api'

export type Shapes = components['schemas']

/** RFC 9457 as the server writes it; `errors` points into what was sent. */
export interface Problem {
  title: string
  status: number
  code: string
  errors?: { pointer: string; detail: string }[]
}

export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title)
    this.name = 'Refused'
  }
}

/** The server could not be reached at all. */
export class Unreachable extends Error {}

const READS = ['GET', 'HEAD', 'OPTIONS']
const signIn = '/api/v1/auth/sign-in'
let onSignedOut: () => void = () => {}
let language = 'zh'
let renewing: Promise<boolean> | null = null

/** What to do when the sign-in cannot be renewed. */
export const whenSignedOut = (act: () => void) => (onSignedOut = act)
/** In which language the server explains what is wrong. */
export const speak = (next: string) => (language = next)

const cookie = (name: string) => document.cookie.split('; ').find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1)

function signed(request: Request, token = 'csrf_access_token'): Request {
  const made = new Request(request)
  made.headers.set('Accept-Language', language)
  const csrf = cookie(token)
  if (csrf && !READS.includes(made.method)) made.headers.set('X-CSRF-TOKEN', csrf)
  return made
}

const reach = (request: Request) =>
  fetch(request).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Unreachable()
  })

async function renew(): Promise<boolean> {
  const answer = await reach(signed(new Request('/api/v1/auth/refresh', { method: 'POST' }), 'csrf_refresh_token'))
  return answer.ok
}

/** Send a request as the person who sits here. */
export async function ask(request: Request): Promise<Response> {
  const again = request.clone()
  const answer = await reach(signed(request))
  if (answer.status !== 401 || request.url.endsWith(signIn)) return answer
  renewing ??= renew().finally(() => (renewing = null))
  if (await renewing) return reach(signed(again))
  onSignedOut()
  return answer
}

export const api = createClient<paths>({ baseUrl: '/', fetch: ask, querySerializer: { array: { style: 'form', explode: false } } })

/** The answer, or the problem thrown. */
export async function told<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer
  if (response.ok) return data as T
  throw new Refused(isProblem(error) ? error : { title: response.statusText, status: response.status, code: 'unknown' })
}

const isProblem = (error: unknown): error is Problem => typeof error === 'object' && error !== null && 'title' in error && 'code' in error
