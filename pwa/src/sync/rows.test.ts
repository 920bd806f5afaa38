/** The rows that a phone holds after each answer, as sync/vectors/changes.json has it. */
import { describe, expect, it } from 'vitest'
import vectors from '../../../sync/vectors/changes.json'
import type { Delta } from './envelope'
import { prepare, rowKey, scopeDigests, scopeTag, store } from './rows'
import { phoneWithVault } from './testing/idb'

async function phone() {
  const { text, keys } = await phoneWithVault()
  const hear = async (delta: Delta, pending: string[] = []) => {
    const prepared = await prepare(keys, delta, 1)
    await text.transaction('rw', text.rows, text.scopes, () => store(text, keys, prepared, new Set(pending)))
  }
  return { text, keys, hear, count: () => text.rows.count() }
}

const put = { scope: 'site:3', op: 'put', collection: 'hazard', id: 'a', ver: 1, row: { text: 'a' } } as const
const answer = (part: Partial<Delta>): Delta => ({ changes: [], more: false, add_scopes: [], drop_scopes: [], ready_scopes: [], digest: { 'site:3': '' }, ...part })

describe('changes', () => {
  it.each([...vectors.stories, ...vectors.unnamed])('$why', async ({ steps }) => {
    const { text, keys, hear } = await phone()
    for (const step of steps) {
      await hear(step.answer as Delta)
      const held = await text.rows.toArray()
      expect(held.map(({ key, scope, ver }) => [key, scope, ver]).sort()).toEqual(
        step.rows.map(([collection, id, scope, ver]) => [rowKey(keys, collection as string, id as string), scopeTag(keys, scope as string), ver]).sort(),
      )
      expect(await scopeDigests(text, keys, Object.keys(step.digest))).toEqual(step.digest)
    }
  })

  it('a row that leaves while edits of it wait is kept, counted nowhere, and deleted when they are sent', async () => {
    const { text, keys, hear, count } = await phone()
    const key = rowKey(keys, 'hazard', 'a')
    await hear(answer({ changes: [put] }))
    await hear(answer({ changes: [{ ...put, op: 'leave', ver: null, row: null }] }), [key])
    expect(await count()).toBe(1)
    expect(await scopeDigests(text, keys, ['site:3'])).toEqual({ 'site:3': '0'.repeat(32) })
    await hear(answer({}))
    expect(await count()).toBe(0)
  })

  it('a row that comes back while it was hidden counts once', async () => {
    const { text, keys, hear, count } = await phone()
    const key = rowKey(keys, 'hazard', 'a')
    await hear(answer({ changes: [put] }))
    const digest = await scopeDigests(text, keys, ['site:3'])
    await hear(answer({ drop_scopes: ['site:3'], digest: {} }), [key])
    await hear(answer({ changes: [put], add_scopes: ['site:3'], ready_scopes: ['site:3'] }), [key])
    expect(await scopeDigests(text, keys, ['site:3'])).toEqual(digest)
    expect(await count()).toBe(1)
  })
})
