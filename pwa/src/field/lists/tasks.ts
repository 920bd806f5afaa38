import type { TaskRow } from '../ports'

/** A list stays on the screen this long after its shift, for who was underground without a network. */
const GRACE_MS = 12 * 3_600_000

/** Of those due together the order is the server's, at every start the same. */
const soonest = (a: TaskRow, b: TaskRow) => a.due_at.localeCompare(b.due_at) || a.id.localeCompare(b.id)

/** My lists that are still owed, the soonest first. What was missed in shifts gone by is the desk's business. */
export const openTasks = (tasks: readonly TaskRow[], me: string | undefined, now: Date): TaskRow[] =>
  tasks
    .filter(({ person, state, due_at }) => person === me && state === 'open' && Date.parse(due_at) > now.getTime() - GRACE_MS)
    .sort(soonest)

/** My lists done since a day began. */
export const doneTasks = (tasks: readonly TaskRow[], me: string | undefined, since: string): TaskRow[] =>
  tasks
    .filter(({ person, state, due_at }) => person === me && state === 'done' && Date.parse(due_at) >= Date.parse(since))
    .sort(soonest)
