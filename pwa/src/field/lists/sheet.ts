/** What a list of cards is filled on. One object for as long as the submission is open, so that no card is redrawn for another's sake. */
import type { Answer, FormDefinition, Item, PinnedLimits } from '@/forms/types'
import type { HazardRow, SubmissionRow } from '../ports'
import type { Filling } from './useFilling'

export interface ListSheet {
  submission: Pick<SubmissionRow, 'id' | 'visit' | 'mine'>
  definition: FormDefinition
  limits: PinnedLimits
  openedAt: string
  filling: Filling
  /** Reactive: whether anything may still be changed. */
  closed(): boolean
  hazardOf(item: string): HazardRow | undefined
  opensHazard(item: Item): boolean
  /** Who answered, where several fill one sheet. */
  byName(answer: Answer | undefined): string | undefined
}
