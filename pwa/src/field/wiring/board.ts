/** What may be read without a PIN: published anew whenever the open person's rows change. */
import { computed, watch } from 'vue'
import type { Engine } from '@/sync'
import { day, instant } from '@/shared/when'
import type { Board, Card, LockedList, Phone, Session, Store } from '../ports'
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
    const found = (now ?? []).filter(({ kind }) => kind === 'card')
    publish('cards', found.map(({ id, definition }): Card => ({ id, title: definition.title, steps: definition.sections.flatMap(({ items }) => items.map(({ text }) => text)) })), cards.value)
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
