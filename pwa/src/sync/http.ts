/** Requests to the server: cookies with their CSRF token, one renewal, a limit in time, answers that are JSON or nothing. */
import type { Bytes } from './bytes'
import type { ServerProblem } from './envelope'

const ABORT_MS = 30_000

/** Nobody answered, or somebody who is not our server (a hotel's sign-in page). slow: time ran out before all was through. */
export class Unreachable extends Error {
  constructor(message: string, readonly slow = false) {
    super(message)
  }
}

/** The server said no: its status and its problem+json. title: in words, in the language asked for. */
export class Refused extends Error {
  constructor(readonly status: number, readonly problem: ServerProblem, readonly title = '') {
    super(problem.code)
  }
}

export interface Request {
  method: 'GET' | 'POST'
  path: string
  /** JSON, bytes of gzipped JSON, or plain text. */
  body?: unknown
  packed?: Bytes
  text?: string
  /** omit: without the sign-in, where the transport key alone is enough. */
  session?: 'include' | 'omit'
}

export class Http {
  constructor(
    private readonly fetch: typeof globalThis.fetch, private readonly cookies: () => string, private readonly language: () => string, readonly base = '/api/v1',
  ) {}

  /** The parsed answer; nothing for 204. Throws Refused, Unreachable. */
  async json<T>({ method, path, body, packed, text, session }: Request): Promise<T> {
    const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': this.language() }
    if (body !== undefined || packed) headers['Content-Type'] = 'application/json'
    if (text !== undefined) headers['Content-Type'] = 'text/plain'
    if (packed) headers['Content-Encoding'] = 'gzip'
    if (session !== 'omit') Object.assign(headers, this.csrf(path.startsWith('/auth/refresh') ? 'refresh' : 'access'))
    const response = await this.reach(path, {
      method, headers, credentials: session === 'omit' ? 'omit' : 'same-origin', cache: 'no-store',
      ...(packed ?? text ? { body: packed ?? text } : body !== undefined ? { body: JSON.stringify(body) } : {}),
    })
    if (response.status === 204) return undefined as T
    const answer = await response.json().catch(unlessTooSlow)
    if (response.ok && answer !== null) return answer as T
    throw answer?.code ? new Refused(response.status, { code: answer.code, params: answer.params ?? {} }, answer.title) : unknown(response.status)
  }

  /** Bytes, or null where the server has none for us. */
  async bytes(path: string): Promise<ArrayBuffer | null> {
    const response = await this.reach(path, { credentials: 'same-origin' })
    if (response.ok) return response.arrayBuffer().catch(unreached)
    if (response.status === 404) return null
    throw unknown(response.status)
  }

  /**
   * A live sign-in again, of this user, or of anybody where it is null; false when the server wants a password.
   *
   * The cookies are whose turn it was last; his colleagues' sign-ins on this phone are put aside, to be resumed.
   */
  async renew(user: string | null): Promise<boolean> {
    const holder = await this.signedInAs('/auth/refresh')
    if (user === null || holder === user) return holder !== null
    return (await this.signedInAs('/auth/resume', { user })) === user
  }

  private async signedInAs(path: string, body?: unknown): Promise<string | null> {
    try {
      return (await this.json<{ me: { id: string } }>({ method: 'POST', path, body })).me.id
    } catch (error) {
      if (error instanceof Refused && error.status === 401) return null
      throw error
    }
  }

  /** The header that proves a request to be ours (double submit); nothing where there is no such cookie. */
  csrf(kind: 'access' | 'refresh' = 'access'): Record<string, string> {
    const found = this.cookies().split('; ').find((pair) => pair.startsWith(`csrf_${kind}_token=`))
    return found ? { 'X-CSRF-TOKEN': decodeURIComponent(found.slice(found.indexOf('=') + 1)) } : {}
  }

  private reach(path: string, init: RequestInit): Promise<Response> {
    return this.fetch(this.base + path, { ...init, signal: AbortSignal.timeout(ABORT_MS) }).catch(unreached)
  }
}

/** The limit in time holds until the last byte. */
const isSlow = (error: unknown): boolean => (error as { name?: string } | undefined)?.name === 'TimeoutError'

function unreached(error: unknown): never {
  throw new Unreachable(String(error), isSlow(error))
}

/** What is no JSON is nobody's answer. */
const unlessTooSlow = (error: unknown): null => (isSlow(error) ? unreached(error) : null)

/** An answer without a problem of ours: a proxy's, or a server that is just starting. 413 and 401 mean the same from either. */
const unknown = (status: number): Error =>
  status === 413 || status === 401 ? new Refused(status, { code: `http.${status}`, params: {} }) : new Unreachable(`HTTP ${status}`)
