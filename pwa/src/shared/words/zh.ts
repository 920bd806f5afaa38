/** Words that the phone and the desk share. zh is the source: its keys and `{parameters}` are the type. */
export const zh = {
  'result.pass': '合格',
  'result.fail': '不合格',
  'result.na': '不涉及',
  'result.open': '未填',

  'risk.red': '红（重大风险）',
  'risk.orange': '橙（较大风险）',
  'risk.yellow': '黄（一般风险）',
  'risk.blue': '蓝（低风险）',

  'frequency.shift': '每班',
  'frequency.day': '每日',
  'frequency.week': '每周',
  'frequency.month': '每月',
  'frequency.quarter': '每季度',
  'frequency.year': '每年',

  'role.filler': '填表人',
  'role.site_representative': '现场负责人',
  'role.witness': '见证人',
} as const
