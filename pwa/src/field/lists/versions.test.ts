import { describe, expect, it } from 'vitest'
import type { FormRow } from '../ports'
import { driller } from '../fake/forms'
import { newer } from './versions'

const form = (id: string, more: Partial<FormRow> = {}): FormRow => ({ id, ver: 1, key: 'post.UG01.controls', kind: 'post_controls', definition: driller, retired: false, base: null, number: 1, published_at: '', recalled: null, ...more })
const recalled = (replacement: string | null) => ({ reason: '限值写错', at: '2026-03-02T08:00:00+08:00', replacement })

describe('the version to go on with', () => {
  it('is his own as long as it is in force', () => expect(newer(form('a'), [form('a'), form('old', { retired: true })])).toBeNull())
  it('is the one in force when his was retired', () => expect(newer(form('a', { retired: true }), [form('a', { retired: true }), form('b')])?.id).toBe('b'))
  it('is what the recall names', () => expect(newer(form('a', { retired: true, recalled: recalled('b') }), [form('b', { key: 'other' }), form('c')])?.id).toBe('b'))
  it('is what his mine made of it', () => expect(newer(form('a'), [form('a'), form('m', { key: 'mine.1', base: 'post.UG01.controls' })])?.id).toBe('m'))
  it('is never one that was recalled itself', () => expect(newer(form('a', { retired: true }), [form('b', { retired: true, recalled: recalled(null) })])).toBeNull())
})
