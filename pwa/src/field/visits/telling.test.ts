import { describe, expect, it } from 'vitest'
import type { DocumentRow, HazardRow, Representative, VisitRow } from '../ports'
import { papersOf, tellings, untold } from './telling'

const hazard = (id: string) => ({ id }) as HazardRow
const found = ['early', 'late', 'later'].map(hazard)
const said = (name: string) => ({ name }) as Representative
const visit = (more: Partial<VisitRow>) => ({ explained_at: '2026-03-02T11:00:00+08:00', representative: said('褚'), ...more }) as VisitRow
const supplement = (...findings: string[]) => ({ at: '2026-03-02T16:00:00+08:00', by: 'u2', findings, representative: said('陈') })
const ids = (hazards: readonly HazardRow[]) => hazards.map(({ id }) => id)
const paper = (id: string, cites?: string[], more: Partial<DocumentRow> = {}) => ({ id, kind: 'inspection_record', state: 'issued', cites, ...more }) as DocumentRow

describe('what the mine was told', () => {
  it('is nothing before the visit is explained, and nothing is late then', () => {
    expect(tellings(visit({ explained_at: null }), found)).toEqual([])
    expect(untold(visit({ explained_at: null }), found)).toEqual([])
  })
  it('is what its representative was shown; what he was not shown is untold', () => {
    const explained = visit({ findings: ['early'] })
    expect(tellings(explained, found).map(({ hazards }) => ids(hazards))).toEqual([['early']])
    expect(ids(untold(explained, found))).toEqual(['late', 'later'])
  })
  it('grows with each supplement, which keeps its own representative', () => {
    const twice = visit({ findings: ['early'], supplements: [supplement('late')] })
    expect(tellings(twice, found).map(({ representative, hazards }) => [representative.name, ids(hazards)])).toEqual([['褚', ['early']], ['陈', ['late']]])
    expect(ids(untold(twice, found))).toEqual(['later'])
  })
  it('counts a finding where it was told first, when two officers told of it', () => {
    const twice = visit({ findings: [], supplements: [supplement('late'), supplement('late', 'later')] })
    expect(tellings(twice, found).map(({ hazards }) => ids(hazards))).toEqual([[], ['late'], ['later']])
  })
  it('says how many of the findings are not on this phone', () => expect(tellings(visit({ findings: ['early', 'elsewhere'] }), found)[0]!.missing).toBe(1))
  it('is all that is here, where an older server does not say', () => expect(untold(visit({}), found)).toEqual([]))
})

describe('the papers of a telling', () => {
  const told = tellings(visit({ findings: ['early'], supplements: [supplement('late')] }), found)
  const papers = [paper('first', ['early']), paper('second', ['early']), paper('old', ['early'], { state: 'superseded' }), paper('added', ['late']), paper('order', ['late'], { kind: 'rectify_order' })]
  it('are told apart from those of the first, all that hold', () => {
    expect(papersOf(papers, told, 'inspection_record', 0).map(({ id }) => id)).toEqual(['first', 'second'])
    expect(papersOf(papers, told, 'inspection_record', 1).map(({ id }) => id)).toEqual(['added'])
  })
  it('of before, and those that cite nothing, are of the explanation', () => {
    expect(papersOf([paper('before'), paper('nothing', [])], told, 'inspection_record', 0)).toHaveLength(2)
  })
})
