// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { api, Refused, told, Unreachable, whenSignedOut } from './api'

type Reply = { status: number; body: unknown }
let asked: Request[]
let answer: (request: Request) => Reply | Promise<Reply>

const path = (request: Request) => new URL(request.url).pathname
const json = ({ status, body }: Reply) => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
const ended = { status: 401, body: { title: '登录已失效，请重新登录。', status: 401, code: 'sign_in.ended' } }
const fine = { status: 200, body: { groups: [] } }

beforeEach(() => {
  asked = []
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push(request)
    return json(await answer(request))
  })
  document.cookie = 'csrf_access_token=one; path=/'
  document.cookie = 'csrf_refresh_token=two; path=/'
})
afterEach(() => vi.unstubAllGlobals())

describe('a request of the desk', () => {
  it('carries the CSRF token when it writes, and none when it reads', async () => {
    answer = () => fine
    await api.GET('/api/v1/worklist')
    await api.POST('/api/v1/auth/sign-out')
    expect(asked.map((request) => request.headers.get('X-CSRF-TOKEN'))).toEqual([null, 'one'])
  })

  it('whose sign-in ran out is asked again after one renewal, together with all that waited', async () => {
    let renewed = false
    answer = async (request) => {
      if (path(request) === '/api/v1/auth/refresh') {
        await new Promise((later) => setTimeout(later, 5))
        renewed = true
        return { status: 200, body: {} }
      }
      return renewed ? fine : ended
    }
    const answers = await Promise.all([told(api.GET('/api/v1/worklist')), told(api.GET('/api/v1/worklist'))])
    expect(answers).toEqual([fine.body, fine.body])
    const renewals = asked.filter((request) => path(request) === '/api/v1/auth/refresh')
    expect(renewals.map((request) => request.headers.get('X-CSRF-TOKEN'))).toEqual(['two'])
  })

  it('sends the body of a write again after the renewal', async () => {
    let renewed = false
    const bodies: unknown[] = []
    answer = async (request) => {
      if (path(request) === '/api/v1/auth/refresh') renewed = true
      else bodies.push(await request.json())
      return renewed ? fine : ended
    }
    await api.POST('/api/v1/hazards/{hazard_id}/{act}', { params: { path: { hazard_id: 'h', act: 'confirm' } }, body: { seen: 3, evidence: {} } })
    expect(bodies).toEqual([{ seen: 3, evidence: {} }, { seen: 3, evidence: {} }])
  })

  it('leads to the sign-in when nothing renews it', async () => {
    const out = vi.fn()
    whenSignedOut(out)
    answer = () => ended
    await expect(told(api.GET('/api/v1/worklist'))).rejects.toThrow('登录已失效')
    expect(out).toHaveBeenCalledOnce()
  })

  it('is not renewed because a password was wrong', async () => {
    answer = () => ({ status: 401, body: { title: '账号或密码不正确。', status: 401, code: 'sign_in.wrong' } })
    await expect(told(api.POST('/api/v1/auth/sign-in', { body: { login: 'a', password: 'b', bearer: false } }))).rejects.toBeInstanceOf(Refused)
    expect(asked).toHaveLength(1)
  })

  it('that does not reach the server says just that', async () => {
    answer = () => Promise.reject(new TypeError('network'))
    await expect(told(api.GET('/api/v1/worklist'))).rejects.toBeInstanceOf(Unreachable)
  })
})
