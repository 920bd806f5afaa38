import { describe, expect, it } from 'vitest'
import { joinCode, readJoin } from './join'

const KEY = 'A'.repeat(43)

describe('the code that a colleague scans', () => {
  it('names the visit, its checklist and a key', () => expect(readJoin(` ${joinCode('01a2-b3', 'f0f1', KEY)}\n`)).toEqual({ visit: '01a2-b3', form: 'f0f1', key: KEY }))
  it('of an older phone still names the visit', () => expect(readJoin('KJ1:visit:01a2-b3')).toEqual({ visit: '01a2-b3', form: undefined, key: undefined }))
  it('is not any other code, nor half of one', () => {
    for (const other of ['KJ-P-420-3', 'KJ1:PART:00', `KJ1:visit:01a2-b3:f0f1:${KEY.slice(1)}`, 'KJ1:visit:01a2-b3:f0f1']) expect(readJoin(other), other).toBeNull()
  })
})
