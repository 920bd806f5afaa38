/** Puts the engine's and the ports' problems into the reader's language. */
import { PortError } from './ports'
import { language, say, t } from './i18n'
import { say as formWords } from '@/forms'
import type { FormDefinition, Problem as FormProblem } from '@/forms/types'

/** What the checklist engine says about an answer; the form names its parameters. */
export const problemWords = (problem: FormProblem, form?: FormDefinition): string => formWords(problem, language.value, form)

/** What a port could not do; an error that nobody foresaw keeps its own words, so that it can be reported. */
export function errorWords(error: unknown): string {
  if (error instanceof PortError) return say(error.problem)
  return t('common.unforeseen', { what: error instanceof Error ? error.message : String(error) })
}
