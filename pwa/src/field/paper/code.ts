/** What the code on a sheet says (backend/checklists/paper.py): which version of which list, and whose, where it is somebody's. */
export interface SheetCode { form: string; task: string | null }

const CODE = /#\/paper\/([0-9a-f]{16})(?:\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))?(?:\?|$)/

/** Null for any other code. Whose server printed it does not matter: what is not on this phone is said later. */
export function readCode(text: string): SheetCode | null {
  const found = CODE.exec(text)
  return found && { form: found[1]!, task: found[2] ?? null }
}

/** Where a sheet is entered. */
export const pathOf = ({ form, task }: SheetCode): string => `/paper/${form}${task ? `/${task}` : ''}`
