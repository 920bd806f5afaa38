/** The smaller parts on their own: folding, back-off, turns, requests, databases of two versions. */
import * as fc from 'fast-check'
import Dexie from 'dexie'
import { describe, expect, it } from 'vitest'
import { backOff } from './backoff'
import { openDatabases, type DatabaseState } from './db'
import { LIMITS } from './envelope'
import { Http, Refused, Unreachable } from './http'
import { due, dueAt, fold, OLDEST_MS, QUIET_MS, type Entry } from './journal'
import { inTurn } from './leader'
import type { Act } from './operations'
import { freshIdb } from './testing/idb'
import { operations } from './testing/world'

const act = (part: Partial<Act>): Act => ({
  id: 'a', op: 'sheet.answer@1', entity: 's1', base: null, args: { answers: {} }, blobs: [], ms: 0, wall: '', mono_ms: 0, boot: '', barrier: false, ...part,
})

describe('folding', () => {
  const taps = fc.array(fc.record({
    op: fc.constantFrom('sheet.answer@1', 'sheet.sign@1'), entity: fc.constantFrom('s1', 's2'), item: fc.constantFrom('I1', 'I2'), value: fc.nat(9), blob: fc.constantFrom('x', 'y'),
  }), { maxLength: 20 })

  it('keeps every tap once, in order, and leaves the same sheet as the taps one by one', () => {
    fc.assert(fc.property(taps, (all) => {
      const entries: Entry[] = all.map(({ op, entity, item, value, blob }, n) => ({ n, act: act({ id: `${n}`, op, entity, ms: n, base: [1, n], args: { answers: { [item]: value } }, blobs: [blob] }) }))
      const folded = fold(entries, operations)
      expect(folded.flatMap(({ from }) => from)).toEqual(entries.map(({ n }) => n))
      const sheet = (acts: Act[], entity: string) => Object.assign({}, ...acts.filter((one) => one.entity === entity && one.op === 'sheet.answer@1').map(({ args }) => args.answers))
      for (const entity of ['s1', 's2']) expect(sheet(folded.map((one) => one.act), entity)).toEqual(sheet(entries.map((one) => one.act), entity))
      for (const { act: one, from } of folded) {
        expect([one.id, one.base]).toEqual([`${from.at(-1)}`, [1, from[0]]])
        expect(new Set(one.blobs)).toEqual(new Set(from.flatMap((n) => entries[n]!.act.blobs)))
      }
    }))
  })

  it('never makes a mutation that is too large', () => {
    const entries = Array.from({ length: 30 }, (_, n) => ({ n, act: act({ args: { answers: { [`I${n}`]: 'x'.repeat(20_000) } } }) }))
    const folded = fold(entries, operations)
    expect(folded.length).toBeGreaterThan(5)
    for (const one of folded) expect(JSON.stringify(one.act).length).toBeLessThan(LIMITS.mutation)
  })
})

describe('what is due', () => {
  it('waits for the next answer, but not for ever', () => {
    const acts = [act({ ms: 1_000 }), act({ ms: 2_000 })]
    expect(due(acts, operations, 2_001)).toBe(0)
    expect(due(acts, operations, 2_000 + QUIET_MS)).toBe(2)
    expect(due([act({ ms: 0 }), act({ ms: OLDEST_MS })], operations, OLDEST_MS)).toBe(2)
    expect(dueAt(acts)).toBe(2_000 + QUIET_MS)
    expect([due([], operations, 0), dueAt([])]).toEqual([0, Infinity])
  })
  it('is everything up to the last act that does not fold or is a barrier', () => {
    expect(due([act({ ms: 0 }), act({ ms: 1, op: 'hazard.report@1' }), act({ ms: 2 })], operations, 3)).toBe(2)
    expect(due([act({ ms: 0, barrier: true }), act({ ms: 2 })], operations, 3)).toBe(1)
    expect(due([act({ op: 'of a newer program@1' })], operations, 1)).toBe(1)
  })
  it('is everything when the clock was set back', () => expect(due([act({ ms: 5_000 })], operations, 4_000)).toBe(1))
})

describe('back-off', () => {
  it('lies between a second and five minutes, and grows', () => {
    fc.assert(fc.property(fc.nat(40), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, chance) => {
      expect(backOff(failures, () => chance)).toBeGreaterThanOrEqual(1_000)
      expect(backOff(failures, () => chance)).toBeLessThanOrEqual(300_000)
      expect(backOff(failures + 1, () => chance)).toBeGreaterThanOrEqual(backOff(failures, () => chance))
    }))
  })
})

describe('a turn', () => {
  it('is one tab’s; a tab that sleeps on it loses it', async () => {
    const asked: LockOptions[] = []
    const busy = { request: (async (_: string, options: LockOptions, work: (lock: Lock | null) => unknown) => {
      asked.push(options)
      return work(options.steal ? ({} as Lock) : null)
    }) as LockManager['request'] }
    expect(await inTurn(busy, 'v', 0, 1e6, async () => 'spoke')).toBe(null)
    expect(await inTurn(busy, 'v', 1e6 - 60_000, 1e6, async () => 'spoke')).toBe(null)
    expect(await inTurn(busy, 'v', 1e6 - 91_000, 1e6, async () => 'spoke')).toBe('spoke')
    expect(asked).toEqual([{ ifAvailable: true }, { ifAvailable: true }, { steal: true }])
  })
})

describe('a request', () => {
  const cookies = () => 'csrf_access_token=abc%3D; csrf_refresh_token=def; other=1'
  function http(...answers: (Response | Error)[]) {
    const sent: { url: string; init: RequestInit }[] = []
    const fetch = async (url: unknown, init: RequestInit = {}) => {
      sent.push({ url: String(url), init })
      const answer = answers.shift()!
      if (answer instanceof Error) throw answer
      return answer
    }
    return { http: new Http(fetch as typeof globalThis.fetch, cookies, () => 'en'), sent }
  }
  const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status })

  it('proves that it is ours, to this address only, and says in which language to answer', async () => {
    const { http: one, sent } = http(json({ a: 1 }), json({ me: { id: 'u' } }))
    expect(await one.json({ method: 'POST', path: '/x', body: {} })).toEqual({ a: 1 })
    expect(sent[0]).toMatchObject({ url: '/api/v1/x', init: { credentials: 'same-origin', headers: { 'X-CSRF-TOKEN': 'abc=', 'Accept-Language': 'en' } } })
    await one.renew('u')
    expect(sent[1]!.init.headers).toMatchObject({ 'X-CSRF-TOKEN': 'def' })
  })
  it('without a sign-in brings no cookie and no token', async () => {
    const { http: one, sent } = http(json({}))
    await one.json({ method: 'POST', path: '/x', body: {}, session: 'omit' })
    expect(sent[0]!.init.credentials).toBe('omit')
    expect(sent[0]!.init.headers).not.toHaveProperty('X-CSRF-TOKEN')
  })
  it('tells a refusal with its words from a network that is none', async () => {
    const refused = http(json({ code: 'slip.wrong', title: 'used', params: { a: 1 } }, 422))
    await expect(refused.http.json({ method: 'GET', path: '/' })).rejects.toMatchObject({ status: 422, title: 'used', problem: { code: 'slip.wrong', params: { a: 1 } } })
    for (const answer of [new TypeError('offline'), new Response('<html>', { status: 200 }), new Response('bad gateway', { status: 502 })]) {
      await expect(http(answer).http.json({ method: 'GET', path: '/' })).rejects.toBeInstanceOf(Unreachable)
    }
    await expect(http(new Response('', { status: 413 })).http.json({ method: 'GET', path: '/' })).rejects.toBeInstanceOf(Refused)
    expect(await http(new Response(null, { status: 204 })).http.json({ method: 'POST', path: '/' })).toBe(undefined)
  })
  it('that took too long says so', async () => {
    await expect(http(new DOMException('', 'TimeoutError')).http.json({ method: 'GET', path: '/' })).rejects.toMatchObject({ slow: true })
  })
  it('renews one’s own sign-in, resuming it from a colleague’s', async () => {
    expect(await http(json({ me: { id: 'a' } })).http.renew('a')).toBe(true)
    expect(await http(json({ me: { id: 'b' } }), json({ me: { id: 'a' } })).http.renew('a')).toBe(true)
    expect(await http(json({ code: 'ended' }, 401), json({ code: 'ended' }, 401)).http.renew('a')).toBe(false)
    expect(await http(json({ me: { id: 'b' } })).http.renew(null)).toBe(true)
  })
})

describe('two versions of the app', () => {
  it('the older tab lets go of the database and says that it is superseded', async () => {
    const idb = freshIdb()
    const states: DatabaseState[] = []
    const { text } = await openDatabases(idb, (state) => states.push(state))
    const newer = new Dexie('kuangjian', idb)
    newer.version(99).stores({ phone: 'key' })
    await newer.open()
    expect(states).toEqual(['ready', 'superseded'])
    await expect(text.phone.count()).rejects.toMatchObject({ name: 'DatabaseClosedError' })
    newer.close()
  })

  it('an older tab that does not let go is said to be in the way', async () => {
    const idb = freshIdb()
    const older = new Dexie('kuangjian', idb)
    older.version(0.1).stores({ phone: 'key' })
    older.on('versionchange', () => false)
    await older.open()
    const states: DatabaseState[] = []
    const opening = openDatabases(idb, (state) => {
      states.push(state)
      if (state === 'blocked') older.close()
    })
    const { text, bytes } = await opening
    expect(states).toEqual(['blocked', 'ready'])
    text.close()
    bytes.close()
  })
})
