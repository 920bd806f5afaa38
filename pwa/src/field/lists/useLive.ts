/**
 * The engine's sheet for the screen: whoever reads a key's verdict is drawn again when an edit touched that key, and
 * nobody else. What the whole list says (`result`) is found when it is asked for.
 */
import { computed, reactive, shallowReactive, shallowRef, watch, type ComputedRef } from 'vue'
import { joinKey, openSheet, splitKey } from '@/forms'
import type { Answer, Danger, FormDefinition, Item, PinnedLimits, Section, SubmissionVerdict, Value, Verdict } from '@/forms/types'

export interface Opened {
  definition: FormDefinition
  limits: PinnedLimits
  asked?: readonly string[] | null | undefined
  zones?: readonly string[] | undefined
  openedAt: string
}

export interface Live {
  /** The definition's sections in which something is asked now. */
  sections: ComputedRef<Section[]>
  /** Rows of a repeated section, with those that were begun here and have no answer yet; null for any other section. */
  rows(section: Section): string[] | null
  /** What stands on the screen of a section (of a row of it): relevant, and due or answered. */
  shown(section: Section, row: string | null): Item[]
  /** Every key on the screen, in its order. */
  keys: ComputedRef<string[]>
  /** null: an instruction, or nothing that is asked. */
  verdict(key: string): Verdict | null
  preview(key: string, answer: Answer | null | undefined): Verdict
  /** Dangers that this answer would bring about, its own first: a calculated value may be one too. */
  dangers(key: string, answer: Answer): Stop[]
  /** Does it still want something? A row that was begun for nothing wants nothing, unless there must be more rows. */
  open(key: string): boolean
  value(key: string): Value
  answer(key: string): Answer | undefined
  result: ComputedRef<SubmissionVerdict>
  /** Begins a row; it exists once something in it is answered. */
  begin(section: Section): string
  /** Forgets a row that was begun and has no answer. */
  drop(section: Section, row: string): void
}

/** value: what it reads, where somebody or something gave it one. */
export interface Stop {
  key: string
  item: Item
  danger: Danger
  value: Value
}

type Answers = Readonly<Record<string, Answer | null>>

/** answers: reactive, changed elsewhere; what changes there is found anew here. */
export function useLive(opened: Opened, answers: Answers): Live {
  const { definition, limits, openedAt } = opened
  const asked = opened.asked ?? undefined
  const sheet = openSheet(definition, limits, openedAt, { answers: { ...answers }, asked, zones: opened.zones ?? [] })
  const due = asked && new Set(asked)
  const known = new Map<string, Answer | null>(Object.entries(answers))
  const items = new Map(definition.sections.flatMap((section) => section.items.map((item) => [item.id, { item, section }] as const)))
  const dangerous = [...items.values()].filter(({ item }) => item.danger)
  /** Counts the edits that touched a key; all edits; and those that changed what stands on the screen. */
  const touched = shallowReactive<Record<string, number>>({})
  const edits = shallowRef(0)
  const layout = shallowRef(0)
  const begun = reactive<Record<string, string[]>>({})

  const isDue = (item: Item, key: string) => !due || due.has(item.id) || (known.get(key) ?? null) !== null
  const stands = (key: string) => sheet.relevant(key) && isDue(items.get(splitKey(key)[0])!.item, key)
  const skeleton = () => JSON.stringify(definition.sections.map((section) => [sheet.relevant(section.id), ...(section.repeat ? sheet.rows(section.id) : [])]))
  const all = definition.sections.flatMap((section) => (section.repeat ? sheet.rows(section.id) : [null]).flatMap((row) => section.items.map(({ id }) => joinKey(id, row))))
  const standing = new Map(all.map((key) => [key, stands(key)]))
  let shape = skeleton()

  /** Takes one answer over; does the screen hold other cards now? */
  function take(key: string, answer: Answer | null): boolean {
    known.set(key, answer)
    let moved = false
    for (const one of sheet.set(key, answer)) {
      touched[one] = (touched[one] ?? 0) + 1
      if (!items.has(splitKey(one)[0])) continue
      const now = stands(one)
      moved ||= standing.get(one) !== now
      standing.set(one, now)
    }
    return moved
  }

  watch(
    () => ({ ...answers }),
    (now) => {
      let moved = false
      let changed = false
      for (const key of new Set([...known.keys(), ...Object.keys(now)])) {
        const answer = now[key] ?? null
        if ((known.get(key) ?? null) === answer) continue
        moved = take(key, answer) || moved
        changed = true
      }
      if (!changed) return
      edits.value += 1
      const next = skeleton()
      if (moved || next !== shape || Object.values(begun).some((rows) => rows.length)) layout.value += 1
      shape = next
    },
    { flush: 'sync' },
  )

  /** A row that nobody has answered in is no row to the engine: it is asked, and never remembered. */
  const isBegun = (key: string) => {
    const [name, row] = splitKey(key)
    const section = items.get(name)?.section
    return row !== null && section !== undefined && !sheet.rows(section.id).includes(row)
  }
  const follow = (key: string) => void (isBegun(key) ? edits.value : touched[key])

  function verdict(key: string): Verdict | null {
    follow(key)
    if (!isBegun(key)) return sheet.verdict(key)
    const item = items.get(splitKey(key)[0])!.item
    return item.answer.type !== 'note' && sheet.relevant(key) ? sheet.preview(key, undefined) : null
  }

  function rows(section: Section): string[] | null {
    if (!section.repeat) return null
    void layout.value
    return [...new Set([...sheet.rows(section.id), ...(begun[section.id] ?? [])])].sort()
  }

  const answer = (key: string): Answer | undefined => answers[key] ?? undefined

  function shown(section: Section, row: string | null): Item[] {
    void layout.value
    return section.items.filter(({ id }) => stands(joinKey(id, row)))
  }

  function dangers(key: string, given: Answer): Stop[] {
    if (!dangerous.length) return []
    const before = known.get(key) ?? null
    const found = () =>
      dangerous.flatMap(({ item, section }) =>
        (section.repeat ? sheet.rows(section.id) : [null]).flatMap((row): Stop[] => {
          const one = joinKey(item.id, row)
          const danger = sheet.verdict(one)?.danger
          return danger ? [{ key: one, item, danger, value: sheet.value(one) }] : []
        }),
      )
    const was = new Set(found().map((one) => one.key))
    sheet.set(key, given)
    const now = found()
    sheet.set(key, before)
    const changed = given.value !== before?.value || given.result !== before?.result
    return now.filter((one) => (one.key === key ? changed : !was.has(one.key))).sort((one, other) => Number(other.key === key) - Number(one.key === key))
  }

  function open(key: string): boolean {
    if (!verdict(key)?.problems.length) return false
    const section = items.get(splitKey(key)[0])!.section
    return !isBegun(key) || sheet.rows(section.id).length < (section.repeat?.min ?? 0)
  }

  function begin(section: Section): string {
    // Sorts by the time it was begun; two phones that begin one in the same millisecond make two.
    const row = Date.now().toString(36) + Math.random().toString(36).slice(2, 6).padEnd(4, '0')
    begun[section.id] = [...(begun[section.id] ?? []), row]
    return row
  }

  function drop(section: Section, row: string) {
    begun[section.id] = (begun[section.id] ?? []).filter((one) => one !== row)
  }

  const sections = computed(() => {
    void layout.value
    return definition.sections.filter((section) => sheet.relevant(section.id) && (!due || section.items.some((item) => isDue(item, item.id))))
  })

  return {
    sections,
    rows,
    shown,
    keys: computed(() => sections.value.flatMap((section) => (rows(section) ?? [null]).flatMap((row) => shown(section, row).map(({ id }) => joinKey(id, row))))),
    verdict,
    preview: (key, given) => sheet.preview(key, given),
    dangers,
    open,
    value(key) {
      follow(key)
      return sheet.value(key)
    },
    answer,
    result: computed(() => (void edits.value, sheet.result)),
    begin,
    drop,
  }
}
