/** What an item asks for, in one line: its type, its unit, its limits, where they come from. */
import type { Bound, BoundValue, CaseLimit, Limit } from '@/forms/types'
import { t } from '../i18n'
import { read, type Doc, type DocAnswer } from './document'

export const BOUNDS: readonly Bound[] = ['min', 'max', 'above', 'below', 'equals']
const SIGN: Record<Bound, string> = { min: '≥', max: '≤', above: '>', below: '<', equals: '=', max_age_days: '≤' }

function valueText(value: BoundValue, doc: Doc): string {
  if (typeof value === 'number') return String(value)
  if ('site_ref' in value) {
    const name = read(doc.parameters?.[value.site_ref]?.title) || value.site_ref
    return t('form.of_site', { name }) + (value.times !== undefined ? ` × ${value.times}` : '')
  }
  const name = read(doc.parameters?.[value.jurisdiction_ref]?.title) || value.jurisdiction_ref
  return value.default === undefined ? t('form.of_place', { name }) : t('form.of_place_or', { name, value: value.default })
}

export function limitText(limit: Limit, doc: Doc, unit = ''): string {
  if ('by' in limit) {
    const { param, cases } = limit.by as CaseLimit
    const name = read(doc.parameters?.[param]?.title) || param
    return t('form.by_case', { name, cases: cases.map((one) => `${read(one.text)} ${one.limits.map((inner) => limitText(inner, doc, unit)).join(' ')}`).join(t('mark.semicolon')) })
  }
  return Object.entries(limit)
    .map(([bound, value]) => `${SIGN[bound as Bound] ?? bound} ${valueText(value, doc)}${bound === 'max_age_days' ? ` ${t('limit.days')}` : unit ? ` ${unit}` : ''}`)
    .join(' · ')
}

export function answerText(answer: DocAnswer, doc: Doc): string {
  const type = t(`answer.${answer.type}` as 'answer.check')
  const parts = [answer.type === 'check' ? '' : type, read(answer.reading), ...(answer.limits ?? []).map((limit) => limitText(limit, doc, answer.unit))]
  if (!answer.limits?.length && answer.unit) parts.push(answer.unit)
  return parts.filter(Boolean).join(' · ')
}
