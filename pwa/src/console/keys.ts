/**
 * The desk by keyboard: j and k go from row to row, Enter opens, / searches, g and a letter goes to a page, ? shows this.
 *
 * Nothing is taken from a person who types: in a field or an open dialog the keys are letters again.
 */
import { onScopeDispose } from 'vue'
import type { Router } from 'vue-router'

export interface Place { key: string; to: string }

const TYPING = 'input, textarea, select, [contenteditable], [role="combobox"]'
const rows = () => [...document.querySelectorAll<HTMLElement>('[data-row]')]

function step(by: 1 | -1) {
  const all = rows()
  const at = all.findIndex((row) => row === document.activeElement)
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}

export function useKeys(router: Router, places: () => readonly Place[], help: () => void): void {
  let going = 0

  function press(event: KeyboardEvent) {
    const target = event.target as HTMLElement
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    if (target.closest(TYPING) || document.querySelector('dialog[open], .el-overlay-dialog:not([style*="none"])')) return
    if (Date.now() < going) {
      going = 0
      const place = places().find(({ key }) => key === event.key)
      if (place) void router.push(place.to)
      return
    }
    const act: Record<string, () => void> = {
      j: () => step(1),
      k: () => step(-1),
      '/': () => document.querySelector<HTMLInputElement>('[data-search] input, input[data-search]')?.focus(),
      g: () => (going = Date.now() + 1500),
      '?': help,
    }
    const found = act[event.key]
    if (!found) return
    event.preventDefault()
    found()
  }

  addEventListener('keydown', press)
  onScopeDispose(() => removeEventListener('keydown', press))
}
