/** Limits as they stand for one mine on one day, pinned when the form is opened. Twin of forms/limits.py. */

import type { BoundLimit, CaseLimit, FormDefinition, Item, Limit, Bound, BoundValue, PinnedLimit, PinnedLimits, Problem } from './types'
import { asDay, asNumber, rounded } from './values'

/** The mine's design values and classes by key, e.g. { alarm_level: 3.2, mine_class: 'building' }. */
export type SiteParameters = Record<string, unknown>
/** Dated parameters by key, e.g. { crew_max: [{ from: '2024-03-01', value: 9 }] }; `to` is inclusive. */
export type JurisdictionParameters = Record<string, unknown>

/**
 * The limits of every item that has any, for a mine on a day ("YYYY-MM-DD"). What is missing or is no number stays
 * unknown: no limit, but the form says so and asks.
 */
export function resolve(
  definition: FormDefinition, site: SiteParameters, jurisdiction: JurisdictionParameters, on: string,
): PinnedLimits {
  const day = asDay(on)
  const pin = (limit: BoundLimit): PinnedLimit => {
    const [bound, value] = Object.entries(limit)[0] as [Bound, BoundValue]
    if (typeof value === 'number') return pinned(bound, value, 'form', '')
    if ('site_ref' in value) {
      const known = asNumber(own(site, value.site_ref))
      // 0.01 × 2,900 people is 29 on paper and must be 29 here.
      const scaled = known === null ? null : asNumber(rounded(known * (value.times ?? 1), 6))
      return pinned(bound, scaled, 'site', value.site_ref)
    }
    const known = inForce(own(jurisdiction, value.jurisdiction_ref), day)
    if (known !== null) return pinned(bound, known, 'jurisdiction', value.jurisdiction_ref)
    return pinned(bound, value.default ?? null, 'default', value.jurisdiction_ref)
  }
  const pinCases = ({ param, cases }: CaseLimit): PinnedLimit[] => {
    const byCase = Object.fromEntries(cases.map((one) => [one.id, one.limits.map((limit) => pin(limit as BoundLimit))]))
    const known = own(site, param)
    return (typeof known === 'string' && own(byCase, known)) || [{ by: param, cases: byCase }]
  }
  const limits: PinnedLimits = {}
  for (const section of definition.sections)
    for (const item of section.items) {
      const found = limitsOf(item)
      if (found.length) limits[item.id] = found.flatMap((limit) => ('by' in limit ? pinCases(limit.by) : [pin(limit)]))
    }
  return limits
}

export const limitsOf = (item: Item): Limit[] => ('limits' in item.answer && item.answer.limits) || []

/** The bounds that hold for a case; a `by` whose case nobody has chosen is left standing. */
export function chosen(limits: PinnedLimit[], byCase: unknown): PinnedLimit[] {
  return limits.flatMap((limit) => ('by' in limit && typeof byCase === 'string' && own(limit.cases, byCase)) || [limit])
}

/** The item's limits for a person to read beside the field: say() makes "≤ 24 ppm" of it; what is unknown says so. */
export function describe(item: Item, limits: PinnedLimit[], byCase?: string): Problem[] {
  const unit = unitOf(item)
  return chosen(limits, byCase).map((limit) => {
    if ('by' in limit) return { code: 'case_missing', params: { parameter: limit.by } }
    if ('unknown' in limit) return { code: 'limit_unknown', params: { parameter: limit.unknown } }
    return { code: `limit_${limit.bound}`, params: { limit: limit.value, unit } }
  })
}

export const unitOf = (item: Item): string => ('unit' in item.answer && item.answer.unit) || ''

/** The value of a dated parameter on a day: the latest that has begun and has not ended. */
function inForce(entries: unknown, on: number | null): number | null {
  let newest: { begins: number; value: number } | null = null
  if (on === null || !Array.isArray(entries)) return null
  for (const entry of entries as unknown[]) {
    if (typeof entry !== 'object' || entry === null) continue
    const { from, to, value } = entry as Record<string, unknown>
    const [begins, ends, number] = [asDay(from), asDay(to), asNumber(value)]
    if (begins === null || number === null || begins > on || (ends !== null && ends < on)) continue
    if (newest === null || begins >= newest.begins) newest = { begins, value: number }
  }
  return newest && newest.value
}

function pinned(bound: Bound, value: number | null, from: 'form' | 'site' | 'jurisdiction' | 'default', key: string): PinnedLimit {
  return value === null ? { bound, unknown: key } : { bound, value, from }
}

/** A record's own entry: "constructor" is nobody's parameter. */
function own<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
