import { describe, expect, it } from 'vitest'
import type { FormDefinition } from '@/forms/types'
import { driller } from '../fake/forms'
import type { FormRow, SubmissionRow } from '../ports'
import { ownLists, ownSubmissions } from './own'

const form = (key: string, kind: FormDefinition['kind'], more: Partial<FormRow> = {}, to?: FormDefinition['applies_to']): FormRow => ({
  id: key, ver: 1, key, kind, definition: { ...driller, key, kind, applies_to: to ?? {} }, retired: false, base: null, number: 1, published_at: '', recalled: null, ...more,
})
const keys = (forms: FormRow[]) => ownLists(forms, { kind: 'underground' }).flatMap(({ lists }) => lists.map(({ key }) => key))

describe('lists that I begin myself', () => {
  it('are quizzes, patrols, drills and the like, and never what a roll or a visit asks for', () => {
    expect(keys([form('p', 'patrol'), form('c', 'post_controls'), form('s', 'spot_check'), form('q', 'quiz'), form('k', 'card')])).toEqual(['q', 'p'])
  })
  it('are those in force, and the mine’s own in place of what it adapted', () => {
    expect(keys([form('a', 'patrol'), form('mine.a', 'patrol', { base: 'a' }), form('old', 'patrol', { retired: true })])).toEqual(['mine.a'])
  })
  it('are not for another type of mine', () => expect(keys([form('t', 'patrol', {}, { mine_types: ['tailings'] })])).toEqual([]))
})

describe('what I began myself', () => {
  const row = (id: string, more: Partial<SubmissionRow> = {}): SubmissionRow => ({
    id, ver: 1, task: null, visit: null, person: 'me', mine: 'm', form: 'f', post: null, limits: {}, asked: null, answers: {}, kept: {}, state: 'draft', opened_at: `2026-03-0${id}T08:00:00+08:00`, signed_at: null, signatures: {}, ...more,
  })
  it('stands there until it is signed, the newest first; a shift’s lists, a visit’s and another man’s do not', () => {
    const all = [row('1'), row('2'), row('3', { task: 't' }), row('4', { visit: 'v' }), row('5', { person: 'he' })]
    expect(ownSubmissions(all, 'me', '2026-03-01T00:00:00+08:00').open.map(({ id }) => id)).toEqual(['2', '1'])
  })
  it('is shown as done for a while', () => {
    const all = [row('1', { state: 'signed', signed_at: '2026-03-01T09:00:00+08:00' }), row('2', { state: 'signed', signed_at: '2026-02-01T09:00:00+08:00' })]
    expect(ownSubmissions(all, 'me', '2026-02-20T00:00:00+08:00').done.map(({ id }) => id)).toEqual(['1'])
  })
})
