/** Which cards are near the screen, which questions were on it, and where the person is. */
import { nextTick, onBeforeUnmount, onMounted, reactive, ref, type Ref } from 'vue'

/** Cards this far beyond the screen are built before they come into view. */
const REACH = '1200px 0px'

export interface Sight {
  near: Set<string>
  seen: Set<string>
  current: Ref<string | undefined>
  goTo(item: string, focus?: boolean): Promise<void>
  /** A card has come: another row, or one that is asked only now. */
  enter(card: HTMLElement): void
}

/**
 * list: the element that holds one `[data-item]` a card, inside the scrolling `main`.
 * changed: called when he has come to another card, or another question was seen.
 */
export function useSight(list: Readonly<Ref<HTMLElement | null>>, seenBefore: readonly string[], start: string | undefined, changed: (place: { at?: string; seen?: string[] }) => void): Sight {
  const near = reactive(new Set<string>())
  const seen = reactive(new Set(seenBefore))
  const current = ref(start)
  const cardOf = (item: string) => list.value?.querySelector<HTMLElement>(`[data-item="${CSS.escape(item)}"]`)
  const itemOf = (element: Element) => element.closest<HTMLElement>('[data-item]')!.dataset.item!

  function come(item: string) {
    if (item === current.value) return
    current.value = item
    changed({ at: item })
  }

  async function goTo(item: string, focus = true) {
    near.add(item)
    await nextTick()
    const card = cardOf(item)
    card?.scrollIntoView({ block: 'start' })
    // Cards on the way had only an estimated height until now.
    requestAnimationFrame(() => card?.scrollIntoView({ block: 'start' }))
    if (focus) card?.querySelector('h3')?.focus({ preventScroll: true })
    come(item)
  }

  function approach(entries: IntersectionObserverEntry[]) {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue
      near.add(itemOf(target))
      reach!.unobserve(target)
      void nextTick(() => target.querySelectorAll('h3').forEach((question) => eye.observe(question)))
    }
  }
  const eye = new IntersectionObserver(
    (entries) => {
      const before = seen.size
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue
        seen.add(itemOf(target))
        eye.unobserve(target)
      }
      if (seen.size > before) changed({ seen: [...seen] })
    },
    { threshold: 0.75 },
  )

  let resting: ReturnType<typeof setTimeout> | undefined
  function whereAmI() {
    const top = list.value?.closest('main')?.getBoundingClientRect().top ?? 0
    const here = [...(list.value?.querySelectorAll('[data-item]') ?? [])].find((card) => card.getBoundingClientRect().bottom > top + 60)
    if (here) come(itemOf(here))
  }
  const scrolled = () => {
    clearTimeout(resting)
    resting = setTimeout(whereAmI, 150)
  }

  let reach: IntersectionObserver | undefined
  onMounted(() => {
    const root = list.value!.closest('main')
    root?.addEventListener('scroll', scrolled, { passive: true })
    // Only with the scrolling element as its root does the margin count.
    reach = new IntersectionObserver(approach, { root, rootMargin: REACH })
    list.value!.querySelectorAll('[data-item]').forEach((card) => reach!.observe(card))
    if (start) void goTo(start, false)
  })
  onBeforeUnmount(() => {
    clearTimeout(resting)
    reach?.disconnect()
    eye.disconnect()
  })
  return { near, seen, current, goTo, enter: (card) => reach?.observe(card) }
}
