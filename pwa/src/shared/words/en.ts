import type { zh } from './zh'

export const en: Record<keyof typeof zh, string> = {
  'result.pass': 'Pass',
  'result.fail': 'Fail',
  'result.na': 'N/A',
  'result.open': 'Open',

  'risk.red': 'red (major risk)',
  'risk.orange': 'orange (considerable risk)',
  'risk.yellow': 'yellow (ordinary risk)',
  'risk.blue': 'blue (low risk)',

  'frequency.shift': 'every shift',
  'frequency.day': 'daily',
  'frequency.week': 'weekly',
  'frequency.month': 'monthly',
  'frequency.quarter': 'quarterly',
  'frequency.year': 'yearly',

  'role.filler': 'filled by',
  'role.site_representative': 'site representative',
  'role.witness': 'witness',
}
