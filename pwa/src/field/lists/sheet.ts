/** What a list of cards is filled on. One object for as long as the submission is open, so that no card is redrawn for another's sake. */
import type { Answer, FormDefinition, Item, PinnedLimits } from '@/forms/types'
import type { HazardRow, SubmissionRow } from '../ports'
import type { Side } from '../said'
import type { Filling } from './useFilling'

export interface ListSheet {
  submission: Pick<SubmissionRow, 'id' | 'visit' | 'mine'>
  definition: FormDefinition
  limits: PinnedLimits
  /** Ids of the items that are due; null or absent: all. */
  asked?: readonly string[] | null | undefined
  /** Of the place: evidence is waived there by rule ("blasting"). */
  zones?: readonly string[] | undefined
  openedAt: string
  filling: Filling
  /** Reactive: whether anything may still be changed. */
  closed(): boolean
  /** By the answer's key: `item`, in a repeated section `item@row`. */
  hazardOf(key: string): HazardRow | undefined
  opensHazard(item: Item): boolean
  /** What each says, where several fill one sheet and say different things; agree: says what is shown, where that is another's. */
  sidesOf?(key: string): { sides: readonly Side[]; agree: (() => void) | null } | undefined
  /** Who answered, where several fill one sheet. */
  byName(answer: Answer | null | undefined): string | undefined
}
