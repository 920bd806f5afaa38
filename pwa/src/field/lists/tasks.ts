import type { TaskRow } from '../ports'

/** My lists that are still owed, the soonest first. */
export const openTasks = (tasks: readonly TaskRow[], me: string | undefined): TaskRow[] =>
  tasks.filter(({ person, state }) => person === me && state === 'open').sort((a, b) => a.due_at.localeCompare(b.due_at))

/** My lists done since a day began. */
export const doneTasks = (tasks: readonly TaskRow[], me: string | undefined, since: string): TaskRow[] =>
  tasks.filter(({ person, state, due_at }) => person === me && state === 'done' && due_at >= since).sort((a, b) => a.due_at.localeCompare(b.due_at))
