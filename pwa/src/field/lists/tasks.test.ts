import { describe, expect, it } from 'vitest'
import type { TaskRow } from '../ports'
import { doneTasks, openTasks } from './tasks'

const now = new Date('2026-03-02T08:00:00+08:00')
const task = (id: string, due_at: string, more: Partial<TaskRow> = {}): TaskRow => ({
  id, due_at, ver: 1, mine: 'm', person: 'me', place: null, post: 'UG01', form: 'f', asked: [], shift: '早班', opens_at: due_at, state: 'open', ...more,
})
const ids = (tasks: TaskRow[]) => tasks.map(({ id }) => id)

describe('my lists', () => {
  it('come soonest first, and only mine', () => {
    const all = [task('later', '2026-03-02T16:00:00+08:00'), task('soon', '2026-03-02T12:00:00+08:00'), task('his', '2026-03-02T12:00:00+08:00', { person: 'he' })]
    expect(ids(openTasks(all, 'me', now))).toEqual(['soon', 'later'])
  })
  it('that are due together stand in one order, however the disk gives them', () => {
    const all = [task('1', '2026-03-02T12:00:00+08:00'), task('2', '2026-03-02T12:00:00+08:00')]
    expect(ids(openTasks([...all].reverse(), 'me', now))).toEqual(['1', '2'])
  })
  it('stay for twelve hours after the shift, for who was underground', () => {
    const all = [task('night', '2026-03-01T22:00:00+08:00'), task('gone', '2026-03-01T19:00:00+08:00')]
    expect(ids(openTasks(all, 'me', now))).toEqual(['night'])
  })
  it('that are done today are shown as done, whatever zone the server wrote', () => {
    const all = [task('today', '2026-03-02T00:30:00Z', { state: 'done' }), task('before', '2026-03-01T10:00:00Z', { state: 'done' })]
    expect(ids(doneTasks(all, 'me', '2026-03-02T00:00:00+08:00'))).toEqual(['today'])
  })
})
