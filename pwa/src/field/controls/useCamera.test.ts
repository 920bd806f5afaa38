// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest'
import { zh } from '../words/zh'
import { cameraProblem } from './useCamera'

const failing = (name: string) => cameraProblem(new DOMException('no', name))

describe('a camera that cannot be had', () => {
  it('was not allowed', () => expect([failing('NotAllowedError'), failing('SecurityError')]).toEqual(['denied', 'denied']))
  it('is not there', () => expect(failing('NotFoundError')).toBe('absent'))
  it('is used by somebody else, or fails for a reason of its own', () => expect([failing('NotReadableError'), cameraProblem(new Error('?'))]).toEqual(['busy', 'busy']))
  it('is spoken of in words, whatever its state is', () => {
    for (const state of ['asking', 'live', 'denied', 'absent', 'busy', 'unsupported', 'lost']) expect(zh).toHaveProperty([`camera.${state}`])
  })
})
