import messages from '../../../forms/messages.json'
import type { FormDefinition, Need, Problem } from './types'
import { show } from './values'

interface Message {
  zh: string
  en: string
  need?: Need
}

const MESSAGES = messages as Record<string, Message>

/** What the card must ask for when it has this problem. */
export const need = (code: string): Need | null => MESSAGES[code]?.need ?? null

/** The problem in words; with the definition at hand, a parameter's title instead of its key. */
export function say(problem: Problem, language: string = 'zh', definition?: FormDefinition): string {
  const message = MESSAGES[problem.code]
  if (!message) return problem.code
  let said = language === 'en' ? message.en : message.zh
  for (const [name, value] of Object.entries(problem.params)) {
    const title = name === 'parameter' ? definition?.parameters?.[value]?.title : undefined
    const shown = title ? (title[language] ?? title.zh) : typeof value === 'number' ? show(value) : value
    said = said.replaceAll(`{${name}}`, () => shown)
  }
  return said.replace(/ +(?=[ 。，,.]|$)/g, '') // a reading without a unit leaves a gap
}
