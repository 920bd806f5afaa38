/** What a colleague of the team scans: the visit, the version of its checklist, and a key under which both exchange their parts. */
const CODE = /^KJ1:visit:([^:\s]+)(?::([^:\s]+):([A-Za-z0-9_-]{43}))?$/

/** form, key: absent in the codes of older phones, which only open the visit. */
export interface Join { visit: string; form: string | undefined; key: string | undefined }

export const joinCode = (visit: string, form: string, key: string): string => `KJ1:visit:${visit}:${form}:${key}`

/** What a code says; null for any other code. */
export function readJoin(code: string): Join | null {
  const [, visit, form, key] = CODE.exec(code.trim()) ?? []
  return visit ? { visit, form, key } : null
}
