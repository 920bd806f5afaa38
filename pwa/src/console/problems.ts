/** What went wrong, in the reader's words, with what to do about it. */
import { Refused, Unreachable } from './api'
import { t } from './i18n'

export function inWords(error: unknown): string {
  if (error instanceof Refused) {
    const details = error.problem.errors?.map(({ pointer, detail }) => `${pointer.slice(1)}：${detail}`) ?? []
    return [error.problem.title, ...details].join('\n')
  }
  if (error instanceof Unreachable) return t('error.unreachable')
  return t('error.unforeseen', { what: error instanceof Error ? error.message : String(error) })
}

/** Not there, or not his: asking again changes nothing. */
export const isGone = (error: unknown) => error instanceof Refused && [403, 404].includes(error.problem.status)
