/**
 * A draft while it is written: every change can be taken back, is looked at by the server a moment later (what is wrong,
 * what it changes, its frozen form for the phone) and kept a moment after that.
 */
import { computed, onScopeDispose, ref, shallowRef, toRaw } from 'vue'
import { Refused } from '../api'
import { look, save, type Draft, type LookedAt } from './calls'
import { asDoc, type Doc } from './document'

const LOOK_MS = 400
const SAVE_MS = 1500
const MOST_STEPS = 200

export type Kept = 'kept' | 'waiting' | 'saving' | 'failed' | 'stale'
export interface Theirs { ver: number; document: Doc; said: string }

export function useEditing(first: Draft, saved: (draft: Draft) => void) {
  const doc = shallowRef<Doc>(asDoc(first.document))
  const seen = shallowRef<LookedAt>({ flaws: first.flaws, changes: first.changes, definition: null })
  const kept = ref<Kept>('kept')
  const problem = shallowRef<unknown>()
  const theirs = shallowRef<Theirs>()
  const past = shallowRef<Doc[]>([])
  const future = shallowRef<Doc[]>([])
  let ver = first.ver
  let field = ''
  let looking: ReturnType<typeof setTimeout> | undefined
  let saving: ReturnType<typeof setTimeout> | undefined
  let writing: Promise<void> | undefined
  let turn = 0

  /** tag: changes of one and the same field in a row are one step back. */
  function edit(change: (doc: Doc) => void, tag = '') {
    const next = structuredClone(toRaw(doc.value))
    change(next)
    if (!tag || tag !== field) past.value = [...past.value.slice(-MOST_STEPS), doc.value]
    field = tag
    future.value = []
    show(next)
  }

  function step(from: typeof past, to: typeof future) {
    const next = from.value.at(-1)
    if (!next) return
    from.value = from.value.slice(0, -1)
    to.value = [...to.value, doc.value]
    field = ''
    show(next)
  }

  function show(next: Doc) {
    doc.value = next
    if (kept.value !== 'stale') kept.value = 'waiting'
    clearTimeout(looking)
    looking = setTimeout(() => void examine(), LOOK_MS)
    clearTimeout(saving)
    saving = setTimeout(() => void flush(), SAVE_MS)
  }

  async function examine() {
    const mine = ++turn
    try {
      const answer = await look(first.id, doc.value)
      if (mine === turn) seen.value = answer
    } catch {
      // What is wrong is asked again at the next change; that it is not kept is said by `kept`.
    }
  }

  /** Keeps what is on the screen now. Returns whether all of it is kept. */
  async function flush(): Promise<boolean> {
    clearTimeout(saving)
    await writing
    if (kept.value !== 'waiting' && kept.value !== 'failed') return kept.value === 'kept'
    writing = write()
    await writing
    return (kept.value as Kept) === 'kept'
  }

  async function write() {
    const sent = doc.value
    kept.value = 'saving'
    try {
      const draft = await save(first.id, ver, sent)
      ver = draft.ver
      problem.value = undefined
      kept.value = doc.value === sent ? 'kept' : 'waiting'
      saved(draft)
    } catch (wrong) {
      const stale = wrong instanceof Refused && wrong.problem.code === 'form.stale'
      if (stale) {
        const side = (wrong.problem as unknown as { theirs: { ver: number; document: unknown } }).theirs
        theirs.value = { ver: side.ver, document: asDoc(side.document), said: wrong.problem.title }
      } else problem.value = wrong
      kept.value = stale ? 'stale' : 'failed'
    }
  }

  /** Two wrote at once: go on with one of both. The other side stays one step back. */
  function settle(whose: 'mine' | 'theirs') {
    const { ver: newer, document } = theirs.value!
    ver = newer
    theirs.value = undefined
    kept.value = 'waiting'
    if (whose === 'theirs') edit((next) => Object.assign(next, document))
    else void flush()
  }

  const leaving = (event: BeforeUnloadEvent) => kept.value !== 'kept' && event.preventDefault()
  addEventListener('beforeunload', leaving)
  onScopeDispose(() => {
    clearTimeout(looking)
    clearTimeout(saving)
    removeEventListener('beforeunload', leaving)
  })
  void examine()

  return {
    doc, seen, kept, problem, theirs, edit, flush, settle,
    undo: () => step(past, future), redo: () => step(future, past),
    canUndo: computed(() => past.value.length > 0), canRedo: computed(() => future.value.length > 0),
  }
}
