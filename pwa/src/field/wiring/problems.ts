/** What went wrong beneath, as a problem in words that says how to mend it. */
import { isFull } from '@/sync/db'
import { Refused, SyncError, Unreachable, type RecordStatus, type ServerProblem } from '@/sync'
import { has, t } from '../i18n'
import { PortError, type Problem } from '../ports'

/** The field that a JSON pointer into what was sent names. */
export function fieldWord(pointer: string): string {
  const name = pointer.slice(pointer.lastIndexOf('/') + 1)
  return has(`arg.${name}`) ? t(`arg.${name}` as 'arg.where') : name
}

/** What is wrong where, behind the words of a refusal; older servers did not tell it in two languages. */
interface Place { pointer: string; zh?: string; en?: string }
const placesOf = (errors: unknown, language: 'zh' | 'en'): string =>
  ((errors ?? []) as Place[]).map((one) => (one[language] ? ` ${fieldWord(one.pointer)}${t('mark.colon')}${one[language]}` : '')).join('')

/** title: as the server worded it for this very request. */
export function problemOf({ code, params }: ServerProblem, title = ''): Problem {
  const { zh, en } = params
  // Reasons of the server's operations come with their words in both languages.
  if (typeof zh === 'string') return { code, zh: zh + placesOf(params.errors, 'zh'), en: (typeof en === 'string' ? en : zh) + placesOf(params.errors, 'en') }
  const key = `problem.${code}`
  const words = title || (has(key) ? t(key as 'problem.storage.full') : t('problem.unknown', { code }))
  return { code, zh: words, en: words }
}

/** Why the server refused an exchange as a whole: whatever it is, nothing is lost and it is tried again. */
export const refusalOf = ({ code, params }: ServerProblem): Problem =>
  problemOf({ code, params }, has(`problem.${code}`) ? '' : t('problem.exchange', { code }))

/** Why a mutation was rejected; the reason is not known yet where it came while its owner was locked. */
export const rejection = (problem: ServerProblem | null): Problem => problemOf(problem ?? { code: 'untold', params: {} })

/** Of a record that is not through: why it came back, or why its photos wait; the rest arrives by itself. */
export function whyNot({ state, problem }: RecordStatus): Problem | null {
  if (state === 'rejected') return rejection(problem)
  if (state !== 'photos' || !problem) return null
  return problemOf(problem, has(`problem.${problem.code}`) ? '' : t('problem.photo_waits', { code: problem.code }))
}

/** Runs something of the engine's; what it refuses comes out in words, what nobody foresaw as it is. */
export async function worded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SyncError) throw new PortError(problemOf({ code: error.code, params: {} }))
    if (error instanceof Unreachable) throw new PortError(problemOf({ code: 'network.none', params: {} }))
    if (error instanceof Refused) throw new PortError(problemOf(error.problem, error.title))
    if (isFull(error)) throw new PortError(problemOf({ code: 'storage.full', params: {} }))
    throw error
  }
}
