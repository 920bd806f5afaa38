/** What may be read without a PIN: published anew whenever the open person's rows change. */
import { computed, watch } from 'vue'
import type { Engine } from '@/sync'
import { day, instant } from '@/shared/when'
import type { Board, Card, FormRow, LockedList, Phone, Session, Store } from '../ports'
import { follow } from './live'

export function openBoard(engine: Engine, session: Session, rows: Store['rows']): Board {
  const [cards, phones, lists] = [follow(engine.published<Card[]>('cards')), follow(engine.published<Phone[]>('phones')), follow(engine.published<LockedList[]>('lists'))]
  const [mines, forms, tasks] = [rows('mine'), rows('form'), rows('task')]

  /** What has nothing new to say must not wipe what stands there: a phone that locks has no rows. */
  function publish(key: string, value: unknown[], before: unknown) {
    // A full phone keeps the old board.
    if (value.length && JSON.stringify(value) !== JSON.stringify(before)) void engine.publish(key, value).catch(() => {})
  }

  watch(mines, (now) => {
    const found = (now ?? []).flatMap(({ name, dispatch_phone }): Phone[] => (dispatch_phone ? [{ name: { zh: `${name} 调度室`, en: `${name}: dispatch` }, number: dispatch_phone }] : []))
    publish('phones', found, phones.value)
  })
  watch(forms, (now) => {
    const all = (now ?? []).filter(({ kind }) => kind === 'card')
    const own = cardsOf(all)
    // A crew shares the phone: another man's cards stay, unless this one knows better of the same list.
    const known = new Set(all.map(({ key }) => key))
    const others = (cards.value ?? []).filter(({ key }) => !known.has(key))
    publish('cards', own.length ? inOrder([...others, ...own]) : [], cards.value)
  })
  watch([tasks, forms, session.current], ([owed, known, me]) => {
    if (!me || !owed || !known) return
    const today = Date.parse(instant(day(new Date()), '00:00'))
    const mine = owed
      .filter(({ person, due_at }) => person === me.id && Date.parse(due_at) >= today)
      .flatMap(({ form, due_at, state }): LockedList[] => {
        const title = known.find(({ id }) => id === form)?.definition.title
        return title ? [{ person: me.id, person_name: me.name, title, due_at, done: state === 'done' }] : []
      })
    publish('lists', [...(lists.value ?? []).filter(({ person, due_at }) => person !== me.id && Date.parse(due_at) >= today), ...mine], lists.value)
  })

  const shown = <T>(found: { value: T[] | null | undefined }) => computed(() => (found.value === undefined ? undefined : (found.value ?? [])))
  return { cards: shown(cards), phones: shown(phones), lists: shown(lists) }
}

/** A part of a card that forbids; its heading says so in every list of the library. */
const STOP = '严禁'

/** The cards in force among these lists; where somebody nearer to the mine adapted one, his stands in its place. */
export function cardsOf(forms: readonly FormRow[]): Card[] {
  const inForce = forms.filter(({ retired, recalled }) => !retired && !recalled)
  const adapted = new Set(inForce.map(({ base }) => base))
  return inForce
    .filter(({ key }) => !adapted.has(key))
    .map(({ id, key, definition: { title, sections } }) => ({
      id, key, title,
      emergency: title.zh.includes('应急'),
      parts: sections.map((section) => ({ title: section.title, stop: section.title.zh.includes(STOP), steps: section.items.map(({ text }) => text) })),
    }))
}

const inOrder = (cards: Card[]): Card[] => [...cards].sort((one, other) => Number(other.emergency) - Number(one.emergency) || one.key.localeCompare(other.key))
