import { describe, expect, it } from 'vitest'
import type { BureauRow, HazardRow, MineRow, VisitRow } from '../ports'
import { dataHash, inspectionRecord, rectifyOrder, type Signatures, type Source, type Supplement } from './draft'
import cases from './drafts.json'

interface Case {
  name: string
  kind: string
  visit: VisitRow
  mine: MineRow
  bureau: BureauRow
  hazards: HazardRow[]
  signatures: Signatures
  number: string
  verify_base: string
  at: string
  deadlines: Record<string, string>
  supplement?: Supplement
  data: object
  data_hash: string
}

describe('what a paper says is what the server would have it say', () => {
  it.each(cases as unknown as Case[])('$name', ({ kind, verify_base, at, deadlines, data, data_hash, ...rest }) => {
    const source: Source = { ...rest, verifyBase: verify_base }
    const made = kind === 'rectify_order' ? rectifyOrder(source, at, deadlines) : inspectionRecord(source, at)
    // As it goes on the wire: an undefined member is none.
    expect(JSON.parse(JSON.stringify(made))).toEqual(data)
    expect(dataHash(kind, made)).toBe(data_hash)
  })
})
