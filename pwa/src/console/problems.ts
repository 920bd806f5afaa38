/** What went wrong, in the reader's words, with what to do about it. */
import { Refused, Unreachable } from './api'
import { has, t } from './i18n'

/** The field that a pointer names, in words; of a place in a list with its number. */
export function argWord(pointer: string): string {
  const names = pointer.split('/').filter(Boolean)
  const number = names.length > 1 && /^\d+$/.test(names.at(-1)!) ? ` ${Number(names.pop()) + 1}` : ''
  const name = names.at(-1) ?? ''
  return (has(`arg.${name}`) ? t(`arg.${name}` as 'arg.where') : name) + number
}

export function inWords(error: unknown): string {
  if (error instanceof Refused) {
    const details = error.problem.errors?.map(({ pointer, detail }) => [argWord(pointer), detail].filter(Boolean).join(t('mark.colon'))) ?? []
    return [error.problem.title, ...details].join('\n')
  }
  if (error instanceof Unreachable) return t('error.unreachable')
  return t('error.unforeseen', { what: error instanceof Error ? error.message : String(error) })
}

/** Not there, or not his: asking again changes nothing. */
export const isGone = (error: unknown) => error instanceof Refused && [403, 404].includes(error.problem.status)
