/**
 * A list as its author has it: form/1, not yet frozen. Texts may be bare words, conditions the words of an expression,
 * and anything may still be missing. What the desk does not know stays as it is.
 */
import type { Kind, Limit, SignatureRequest } from '@/forms/types'
import { say } from '../i18n'

export type Words = string | { zh: string; en?: string }
/** As written (`. > 50`) or frozen as a tree. */
export type Condition = unknown

export interface DocOption { id: string; text: Words; fails?: boolean; correct?: boolean; share?: number }
export interface DocAnswer {
  type: string
  reading?: Words
  unit?: string
  decimals?: number
  range?: { min?: number; max?: number }
  limits?: Limit[]
  max_length?: number
  options?: DocOption[]
  formula?: Condition
}
export interface DocBasis { code: string; clause?: string; verified: boolean }
export interface DocItem {
  id: string
  code?: string
  text: Words
  standard?: Words
  method?: Words
  answer: DocAnswer
  required?: boolean
  basis?: DocBasis[]
  frequency?: string
  season?: string
  severity?: string
  risk?: 'red' | 'orange' | 'yellow' | 'blue'
  major_ref?: string
  danger?: { when: Condition; act: Words; call: string; verified: boolean }
  evidence?: { photo?: string; note?: string; max_photos?: number; waivable?: boolean; not_in?: string[] }
  on_fail?: { hazard?: boolean; document?: string }
  relevant?: Condition
  constraint?: { when: Condition; message: Words }
  weight?: number
  explain?: Words
}
export interface DocSection { id: string; title: Words; items: DocItem[]; relevant?: Condition; repeat?: { min?: number; max?: number; label?: Words } }
export interface Doc {
  kind?: Kind
  title: Words
  sections: DocSection[]
  applies_to?: { mine_types?: string[]; posts?: string[]; roles?: string[] }
  parameters?: Record<string, { title: Words; unit?: string }>
  header?: Words[]
  signatures?: SignatureRequest[]
  score?: { full?: number; pass?: number; levels?: { from: number; text: Words }[]; veto?: string[] }
}

/** A document of the server; what was imported badly may lack its sections. */
export const asDoc = (document: unknown): Doc => {
  const doc = document as Doc
  return { ...doc, title: doc.title ?? '', sections: (doc.sections ?? []).map((section) => ({ ...section, items: section.items ?? [] })) }
}

export const read = (words: Words | undefined): string => (typeof words === 'string' ? words : words ? say(words) : '')
export const zhOf = (words: Words | undefined): string => (typeof words === 'string' ? words : (words?.zh ?? ''))
/** The Chinese changed; what was said in other languages of the old words is not said of the new ones. */
export const written = (zh: string): Words => ({ zh })

export const itemsOf = (doc: Doc): DocItem[] => doc.sections.flatMap(({ items }) => items)
/** The number that people read: printed by the source, or the place in the list. */
export const numbers = (doc: Doc): Map<string, string> => new Map(itemsOf(doc).map((item, i) => [item.id, item.code ?? String(i + 1)]))
