/** A problem's words at the field that they are about; what belongs to no field shown is left for the note. */
import { Refused } from '../api'
import { t } from '../i18n'

/** own: our words for a field, where they say more than the server's. Empty where nothing is wrong with it. */
export function wrongAt(problem: unknown, pointer: string, own = ''): string {
  if (!(problem instanceof Refused)) return ''
  const found = problem.problem.errors?.find((error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`))
  if (!found) return ''
  return problem.problem.code === 'request.invalid' ? own || t('person.bad') : problem.problem.title
}

/** Whether every part of it is shown at a field. */
export const isShown = (problem: unknown, pointers: readonly string[]) =>
  problem instanceof Refused && !!problem.problem.errors?.length && problem.problem.errors.every(({ pointer }) => pointers.some((one) => pointer === one || pointer.startsWith(`${one}/`)))
