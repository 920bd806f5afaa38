/**
 * What depends on what in a list: the order in which relevance and calculated values are found. Made once per version.
 * A unit is a section ("s:face") or an item ("i:UG01-02"). Twin of forms/graph.py.
 */

import type { FormDefinition, Item, Section } from './types'

export interface Graph {
  sections: Map<string, Section>
  items: Map<string, { item: Item; section: Section }>
  /** Every unit after those it needs. */
  order: string[]
  /** Unit → the units that need it. */
  dependents: Map<string, string[]>
  /** Item → the items whose constraint or danger speaks of it. */
  judged: Map<string, string[]>
}

const graphs = new WeakMap<FormDefinition, Graph>()

export function graphOf(definition: FormDefinition): Graph {
  let graph = graphs.get(definition)
  if (!graph) graphs.set(definition, (graph = make(definition)))
  return graph
}

function make(definition: FormDefinition): Graph {
  const graph: Graph = { sections: new Map(), items: new Map(), order: [], dependents: new Map(), judged: new Map() }
  const needs = new Map<string, string[]>()
  for (const section of definition.sections) {
    graph.sections.set(section.id, section)
    needs.set(`s:${section.id}`, named(section.relevant))
    for (const item of section.items) {
      graph.items.set(item.id, { item, section })
      needs.set(`i:${item.id}`, [`s:${section.id}`, ...named([item.relevant, 'formula' in item.answer && item.answer.formula])])
      for (const other of named([item.constraint?.when, item.danger?.when])) put(graph.judged, other.slice(2), item.id)
    }
  }
  const waiting = new Map<string, number>()
  for (const [unit, others] of needs) {
    const known = new Set(others.map((need) => (needs.has(need) ? need : `s:${need.slice(2)}`)).filter((need) => needs.has(need)))
    waiting.set(unit, known.size)
    for (const need of known) put(graph.dependents, need, unit)
  }
  // A unit joins once all that it needs have joined. Circles are refused before publishing; here they are left out.
  graph.order = [...waiting.keys()].filter((unit) => waiting.get(unit) === 0)
  for (const unit of graph.order)
    for (const next of graph.dependents.get(unit) ?? []) {
      const left = waiting.get(next)! - 1
      waiting.set(next, left)
      if (left === 0) graph.order.push(next)
    }
  return graph
}

function put(map: Map<string, string[]>, key: string, value: string): void {
  const known = map.get(key)
  if (known) known.push(value)
  else map.set(key, [value])
}

/** The items that a tree speaks of, as units. */
function named(tree: unknown): string[] {
  if (Array.isArray(tree)) return tree.flatMap(named)
  if (typeof tree !== 'object' || tree === null) return []
  if ('item' in tree) return [`i:${String(tree.item)}`]
  return 'args' in tree ? named(tree.args) : []
}
