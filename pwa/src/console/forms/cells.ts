import { t } from '../i18n'
import type { Place } from './calls'

/** A cell as Excel names it; row 0 is the whole sheet, no sheet the whole file. */
export function cellOf({ sheet, row, column }: Place): string {
  if (!row) return sheet ? t('import.whole_sheet', { sheet }) : t('import.whole_file')
  return sheet ? `${sheet}!${column}${row}` : `${column}${row}`
}
