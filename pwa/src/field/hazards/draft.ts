/** A hazard that is being written down and is no record yet. */
import type { Answer, Item } from '@/forms/types'
import { stamp } from '@/shared/when'
import { say } from '../i18n'
import { withUnit } from '../limits'
import type { Operations, SubmissionRow } from '../ports'

export const TOLD = ['team_leader', 'dispatcher', 'safety_officer', 'nobody'] as const

export interface HazardDraft {
  what: string
  place: string | null
  where: string
  suspected_major: boolean
  told: (typeof TOLD)[number] | null
  photos: string[]
}

export const emptyDraft = (): HazardDraft => ({ what: '', place: null, where: '', suspected_major: false, told: null, photos: [] })

/** What the failed item already says need not be typed again. */
export function draftOf(item: Item, answer: Answer | undefined): HazardDraft {
  const reading = answer?.value === undefined ? '' : `：${withUnit(answer.value, item)}`
  const what = [`${say(item.text)}${reading}`, answer?.note].filter(Boolean).join('；')
  return { ...emptyDraft(), what, suspected_major: item.severity === 'major' }
}

/** The operation's arguments. It is recorded as general: major it becomes when somebody with the right to judge says so. */
export function reportOf(draft: HazardDraft, mine: string, from?: { submission: Pick<SubmissionRow, 'id' | 'visit'>; item: Item; key: string }): Operations['hazard.report@1'] {
  return {
    mine,
    place: draft.place,
    where: draft.where.trim(),
    what: draft.what.trim(),
    suspected_major: draft.suspected_major,
    major_ref: from?.item.major_ref ?? null,
    basis: from?.item.basis ?? [],
    told: draft.told,
    photos: draft.photos,
    submission: from?.submission.id ?? null,
    item: from?.key ?? null,
    visit: from?.submission.visit ?? null,
    reported_at: stamp(),
  }
}
