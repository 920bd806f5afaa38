/**
 * The shapes of the checklist engine `form/1`, as JSON carries them: what a definition is (forms/schema/form-1.json),
 * what a person answers, and what the engine says about it. Times are ISO 8601 with an offset.
 */

/** What people read. Chinese rules (中文为准): only `zh` is part of a version's hash, other languages are overlays. */
export interface Text {
  zh: string
  [language: string]: string
}

export type Kind =
  | 'post_duties' | 'post_controls' | 'patrol' | 'spot_check' | 'sweep' | 'reinspection'
  | 'acceptance' | 'drill' | 'quiz' | 'scorecard' | 'register' | 'card'

export interface FormDefinition {
  schema: 'form/1'
  key: string
  kind: Kind
  title: Text
  applies_to?: { mine_types?: MineType[]; posts?: string[]; roles?: string[] }
  /** Values that limits take from the mine's design or from the jurisdiction's dated parameters, by key. */
  parameters?: Record<string, Parameter>
  /** What the head of the filled sheet says (检查任务号, 被检查单位 …); filled from the visit, not by hand. */
  header?: Text[]
  sections: Section[]
  signatures?: SignatureRequest[]
  score?: ScoreSpec
}

/** full × Σ weight·share / Σ weight over what is asked, relevant and not 不涉及. */
export interface ScoreSpec {
  /** 100 when absent. */
  full?: number
  /** The least that passes. */
  pass?: number
  levels?: Level[]
  /** Items whose failure alone makes the score 0. */
  veto?: string[]
}

/** From this score up it is called so. */
export interface Level {
  from: number
  text: Text
}

export type MineType = 'underground' | 'open_pit' | 'tailings' | 'coal'

export interface Parameter {
  title: Text
  unit?: string
}

export interface SignatureRequest {
  role: 'filler' | 'team_leader' | 'inspector' | 'site_representative'
  /** How many people of this role sign; 1 when absent. */
  count?: number
}

export interface Section {
  id: string
  title: Text
  items: Item[]
  relevant?: Expression
  /** Filled once for each of something (a face, a vehicle); answers are kept under `item@row`. */
  repeat?: Repeat
}

export interface Repeat {
  /** 0 when absent. */
  min?: number
  /** 20 when absent. */
  max?: number
  /** What a row is: 采场. */
  label?: Text
}

export interface Item {
  id: string
  /** The number printed in the source, when one numbered point became several items; else the id. */
  code?: string
  text: Text
  standard?: Text
  method?: Text
  answer: AnswerSpec
  /** true when absent. */
  required?: boolean
  basis?: Basis[]
  /** When the item is asked again (due.ts); absent: every time. */
  frequency?: Frequency
  season?: 'winter'
  severity?: 'general' | 'major'
  risk?: 'red' | 'orange' | 'yellow' | 'blue'
  /** Code in the major-hazard standard that a failure is suspected of, e.g. "UG-20". */
  major_ref?: string
  danger?: Danger
  evidence?: Evidence
  on_fail?: { hazard?: boolean; document?: DocumentKey }
  /** Asked only where it is true; an answer given before is kept and does not count. */
  relevant?: Expression
  constraint?: { when: Expression; message: Text }
  /** In the score; 1 when absent, 0 leaves it out. */
  weight?: number
  /** Shown once it is answered. */
  explain?: Text
}

/** The enforcement document that the source suggests for a failure; a suggestion, the officer decides. */
export type DocumentKey = 'rectify_order' | 'measures_decision' | 'case_filing' | 'case_transfer' | 'recheck_opinion'

export interface Basis {
  code: string
  clause?: string
  /** Was the clause read in the standard's own text? */
  verified: boolean
}

export type Frequency =
  | 'shift' | 'day' | 'week' | 'month' | 'quarter' | 'year'
  | `after:${string}` | `on:${string}`

export type AnswerSpec =
  | { type: 'check' }
  | NumberSpec
  | DateSpec
  | { type: 'text'; max_length?: number }
  | { type: 'choice' | 'choices'; options: Option[] }
  | CalculatedSpec
  | { type: 'photo' | 'signature' | 'place' | 'person' | 'time' | 'datetime' | 'note' }

/** Nobody answers it: its value follows from the other answers. */
export interface CalculatedSpec {
  type: 'calculated'
  formula: Expression
  reading?: Text
  unit?: string
  decimals?: number
  limits?: Limit[]
}

export interface NumberSpec {
  type: 'number'
  /** What the number is, where the item's text asks for more than one thing. */
  reading?: Text
  unit?: string
  decimals?: number
  /** What the instrument can show at all: outside it a reading is mistyped, not a finding. */
  range?: { min?: number; max?: number }
  limits?: Limit[]
}

export interface DateSpec {
  type: 'date'
  reading?: Text
  limits?: Limit[]
}

export interface Option {
  id: string
  text: Text
  /** Choosing it fails the item. */
  fails?: boolean
  /** In a quiz. */
  correct?: boolean
  /** The part of the weight that it earns; 1 when absent, 0 if it fails. */
  share?: number
}

/** Every limit of the list must hold. `above` and `below` exclude the bound itself. */
export type Limit = BoundLimit | { by: CaseLimit }
export type BoundLimit = { [bound in Bound]?: BoundValue }
export type Bound = 'min' | 'max' | 'above' | 'below' | 'equals' | 'max_age_days'
export type BoundValue = number | SiteRef | JurisdictionRef

/** The mine's design value (times a factor). */
export interface SiteRef {
  site_ref: string
  times?: number
}

/** A dated parameter of the jurisdiction; `default` where the jurisdiction has set none. */
export interface JurisdictionRef {
  jurisdiction_ref: string
  default?: number
}

/** Limits by case: the site's parameter picks the case; where the site says nothing, the person does, in the card. */
export interface CaseLimit {
  param: string
  cases: Case[]
}

export interface Case {
  id: string
  text: Text
  limits: Limit[]
}

export interface Danger {
  when: Expression
  act: Text
  call: 'dispatch'
  /** false: an example value that the enterprise must set for itself. */
  verified: boolean
}

/** The frozen form of an author's expression (forms/expression/tree.py); operators join, none changes its meaning. */
export type Expression =
  | number | string | boolean
  | { self: true }
  | { item: string }
  | { op: string; args: Expression[] }

export interface Evidence {
  photo?: 'never' | 'on_fail' | 'always'
  note?: 'never' | 'on_fail' | 'always'
  /** How many photos one answer may carry; 4 when absent. */
  max_photos?: number
  /** May a person waive the evidence with a reason? true when absent. */
  waivable?: boolean
  /** Zones where no photo is asked for: phones are banned near blasting. */
  not_in?: string[]
}

/** What a person answered to one item. */
export interface Answer {
  result?: 'pass' | 'fail' | 'na'
  /**
   * number · text · date "YYYY-MM-DD" · time "HH:MM" · ISO moment with offset · option id, for choices several with a
   * space between · person · checkpoint code · signature blob "sha256:…"
   */
  value?: number | string
  /** Which case of a `by` limit applies, where the site does not say. */
  case?: string
  note?: string
  photos?: string[]
  place?: string
  waiver?: { what: 'photo' | 'note'; reason: string }
  at?: string
  by?: string
}

export type Answers = Record<string, Answer>

/** Limits as they stood when the form was opened, by item id; part of the submission. */
export type PinnedLimits = Record<string, PinnedLimit[]>
export type PinnedLimit =
  | { bound: Bound; value: number; from: 'form' | 'site' | 'jurisdiction' | 'default' }
  | { bound: Bound; unknown: string }
  | { by: string; cases: Record<string, PinnedLimit[]> }

/** A code of forms/messages.json with its parameters; `say()` puts it into words. */
export interface Problem {
  code: string
  params: Record<string, number | string>
}

/**
 * What an expression sees: null is empty. A date "YYYY-MM-DD", a time "HH:MM", a moment in UTC with milliseconds, chosen
 * ids "a b".
 */
export type Value = number | string | boolean | null

export interface Verdict {
  result: 'pass' | 'fail' | 'na' | 'open'
  /** Stop work: fill the screen with `act` before anything is filed. */
  danger: Danger | null
  /** Why it fails, or what is not known. Does not hinder signing. */
  reasons: Problem[]
  /** What is wrong or missing. Hinders signing. */
  problems: Problem[]
  /** What the card must still ask for. */
  needs: Need[]
  /** Answered, and nothing wrong or missing. */
  done: boolean
  /** Of a calculated item. */
  value?: Value
}

export type Need = 'result' | 'value' | 'case' | 'photo' | 'note'

export interface Marks {
  /** Rounded half up to one decimal; null where nothing counts yet. */
  value: number | null
  /** null where the list names no least. */
  passed: boolean | null
  level: Text | null
  /** Keys of failed items that make it 0. */
  vetoed: string[]
}

export interface SubmissionVerdict {
  /** By key: the item's id; in a repeated section `item@row`. */
  items: Record<string, Verdict>
  counts: { total: number; done: number; pass: number; fail: number; na: number; open: number; danger: number }
  /** Nothing is lacking: it may be signed. */
  complete: boolean
  /** item: a key; for a repeated section with too few or too many rows its id. */
  lacking: ({ item: string } & Problem)[]
  /** Answered keys that do not count as things stand; kept, never dropped. */
  irrelevant: string[]
  /** Answers to items that this version does not have; kept, never dropped. */
  strangers: string[]
  score: Marks | null
}
