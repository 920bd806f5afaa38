import type { FormDefinition } from '@/forms/types'

/** The list as it is due today: of its items, those that the roll asked for. */
export function onlyAsked(definition: FormDefinition, asked: readonly string[]): FormDefinition {
  const due = new Set(asked)
  const sections = definition.sections.map((section) => ({ ...section, items: section.items.filter(({ id }) => due.has(id)) }))
  return { ...definition, sections: sections.filter(({ items }) => items.length > 0) }
}
