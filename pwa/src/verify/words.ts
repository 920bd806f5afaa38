/** The public page's words. */
import { translator } from '@/shared/i18n'

export const zh = {
  'title': '核验文书',
  'looking': '正在查询…',
  'again': '重试',
  'unreachable': '连不上服务器，请检查网络后重试。',
  'number': '文号',
  'supplements': '所补充的记录',
  'kind': '文书',
  'issuer': '签发机关',
  'issued_on': '签发日期',
  'code': '校验码',
  'code_hint': '应与纸面二维码旁的校验码一致',
  'file_hash': '原件 SHA-256',
  'state.issued': '有效：由下列机关签发',
  'state.superseded': '已被替代',
  'state.superseded_by': '已被 {number} 替代，请以新文书为准',
  'state.void': '已作废',
  'file.title': '核对 PDF 文件',
  'file.drop': '把收到的 PDF 拖到这里，或点此选择文件',
  'file.private': '文件只在您的设备上计算校验值，不会上传。',
  'file.busy': '正在计算…',
  'file.same': '与签发原件一致',
  'file.same_hint': '{name} 与签发时的文件逐字节相同。',
  'file.differs': '与签发原件不一致',
  'file.differs_hint': '{name} 与签发时的文件不同：可能被改动、重新保存过，或不是这一份。请向签发机关查询。',
  'file.other': '这是另一份已签发的文书',
  'file.other_hint': '{name} 是 {number}（{title}）的原件，不是本页这一份。',
  'file.unknown': '查无此件',
  'file.unknown_hint': '本系统没有签发过 {name}。请向文件上署名的机关查询。',
  'pending': '原件的 PDF 正在生成，请稍后再核对文件。',
  'nothing_more': '本页只显示纸面上已有的内容。',
} as const

export const { t, language, use } = translator(zh, async () => (await import('./en')).en)
