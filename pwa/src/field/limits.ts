/** Limits and clauses in words. */
import { describe } from '@/forms'
import type { Basis, FormDefinition, Item, PinnedLimit } from '@/forms/types'
import { t } from './i18n'
import { problemWords } from './problems'

/** “≥ 20 %”, “≤ 24 ppm”; a limit that the mine has not entered is said to be missing, never left out. Empty when there is none. */
export const limitWords = (item: Item, limits: readonly PinnedLimit[], chosen: string | undefined, form: FormDefinition): string =>
  describe(item, [...limits], chosen).map((limit) => problemWords(limit, form)).join(t('common.and'))

/** A reading with its unit. */
export const withUnit = (value: string | number, item: Item): string => ('unit' in item.answer && item.answer.unit ? `${value} ${item.answer.unit}` : String(value))

/** “GB 16423-2020 6.6.1.1” */
export const clause = (basis: Basis): string => [basis.code, basis.clause].filter(Boolean).join(' ')
