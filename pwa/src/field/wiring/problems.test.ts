/** Why something came back, in words that say how to mend it. */
import { expect, it } from 'vitest'
import { rejection } from './problems'

it('a record that came back says which of its fields is wrong, and what it takes', () => {
  const where = { pointer: '/where', zh: '过长，最多 200（字或项）。', en: 'Too long: at most 200 characters or entries.' }
  const params = { zh: '有内容不符合要求，请按提示修改。', en: 'Some values are not acceptable; mend them as marked.', errors: [where] }
  expect(rejection({ code: 'request.invalid', params }).zh).toBe('有内容不符合要求，请按提示修改。 位置：过长，最多 200（字或项）。')
})

it('what an older server told in one language is left out rather than shown to who cannot read it', () => {
  const params = { zh: '请改。', en: 'Mend it.', errors: [{ pointer: '/where', detail: 'Longer than maximum length 200.' }] }
  expect(rejection({ code: 'request.invalid', params }).zh).toBe('请改。')
})
