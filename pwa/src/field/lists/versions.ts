/** Versions of a list beside the one that a draft is on. */
import type { FormRow } from '../ports'

const family = ({ key, base }: FormRow): string[] => [key, base ?? key]

/**
 * The version to go on with instead, if there is one: what a recall names, an adaptation for this mine, the one in force
 * when this one no longer is. null: this one is to be gone on with.
 */
export function newer(current: FormRow, forms: readonly FormRow[]): FormRow | null {
  const inForce = forms.filter(({ id, retired, recalled }) => !retired && !recalled && id !== current.id)
  const named = inForce.find(({ id }) => id === current.recalled?.replacement)
  const nearer = inForce.find(({ base }) => base === current.key)
  if (named || nearer || !current.retired) return named ?? nearer ?? null
  return inForce.find(({ key }) => key === current.key) ?? inForce.find((one) => family(one).some((key) => family(current).includes(key))) ?? null
}
