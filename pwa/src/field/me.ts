/** What the unlocked person is, and where. */
import type { Me } from './ports'

/** His roles in the matters of one mine. Whether a wider grant covers the mine, the server knows; it sends him only rows that are his. */
export const rolesAt = (me: Me, mine: string): string[] =>
  me.grants.filter(({ scope }) => !scope.startsWith('mine:') || scope === `mine:${mine}`).map(({ role }) => role)

/** The mine that he belongs to; null for an officer. */
export const mineOf = (me: Me): string | null => me.grants.find(({ scope }) => scope.startsWith('mine:'))?.scope.slice('mine:'.length) ?? null

export const isOfficer = (me: Me): boolean => me.grants.some(({ role }) => role === 'inspector' || role === 'expert')
