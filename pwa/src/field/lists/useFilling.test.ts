// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest'
import { defineComponent, nextTick, shallowRef } from 'vue'
import type { Store, SubmissionRow } from '../ports'
import { mount, type Mounted } from '../testing'
import { useFilling, type Filling } from './useFilling'

const row = (answers: SubmissionRow['answers']): SubmissionRow => ({
  id: 's', ver: 1, task: 't', visit: null, person: 'me', mine: 'm', form: 'f', post: null, limits: {}, asked: null, answers, kept: {}, state: 'draft', opened_at: '', signed_at: null, signatures: {},
})

let page: Mounted
afterEach(() => page.close())

/** A submission whose disk answers when it is told to. */
function begin(by?: string) {
  const submission = shallowRef<SubmissionRow>(row({}))
  const disk: { keep: () => void; fail: (why: Error) => void }[] = []
  const written: unknown[] = []
  const store = {
    act: (op: string, _entity: string, args: unknown) => (written.push([op, args]), new Promise<void>((keep, fail) => disk.push({ keep, fail }))),
  } as unknown as Store
  let filling!: Filling
  page = mount(defineComponent({ setup: () => ((filling = useFilling(() => submission.value, () => by)), () => null) }), {}, { store })
  return { filling, submission, disk, written }
}

describe('a tap', () => {
  it('shows at once, and says that it is being kept', () => {
    const { filling } = begin()
    void filling.answer('a', { result: 'pass' })
    expect(filling.answers.a).toEqual({ result: 'pass' })
    expect(filling.unsaved.a).toBe('saving')
  })

  it('is said to be saved only when the disk has it', async () => {
    const { filling, disk } = begin()
    const done = filling.answer('a', { result: 'pass' })
    disk[0]!.keep()
    await done
    expect(filling.unsaved).toEqual({})
    expect(filling.settled.value).toBe(true)
  })

  it('is said not to be saved when the disk is full, and stays in sight', async () => {
    const { filling, disk } = begin()
    const done = filling.answer('a', { result: 'fail' })
    disk[0]!.fail(new Error('QuotaExceededError'))
    await done
    expect(filling.unsaved.a).toBe('failed')
    expect(filling.answers.a).toEqual({ result: 'fail' })
  })

  it('that came after has its own word to wait for', async () => {
    const { filling, disk } = begin()
    const first = filling.answer('a', { result: 'pass' })
    const second = filling.answer('a', { result: 'fail' })
    disk[0]!.keep()
    await first
    expect(filling.unsaved.a).toBe('saving')
    disk[1]!.keep()
    await second
    expect(filling.unsaved).toEqual({})
  })

  it('is newer than what the disk still says', async () => {
    const { filling, submission } = begin()
    void filling.answer('a', { result: 'fail' })
    submission.value = row({ a: { result: 'pass' }, b: { result: 'na' } })
    await nextTick()
    expect(filling.answers).toEqual({ a: { result: 'fail' }, b: { result: 'na' } })
  })

  it('carries who made it, where several fill one sheet', () => {
    const { filling, written } = begin('officer-1')
    void filling.answer('a', { result: 'pass' })
    expect(written).toEqual([['submission.answer@1', { answers: { a: { result: 'pass', by: 'officer-1' } } }]])
  })
})
