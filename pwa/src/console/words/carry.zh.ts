/** Files of unsent work, handed in at the desk. */
export const zh = {
  'nav.carry': '代交',
  'carry.why': '井下没有网络的手机导出文件，由您在这里代为上交；内容已加密，这里看不到。',
  'carry.drop': '把文件拖到这里，或点击选择',
  'carry.which': '手机“记录与上传”里导出的 kuangjian-….txt，可一次选多个',
  'carry.file': '文件',
  'carry.became': '结果',
  'carry.so_far': '{n} 步操作，服务器已收下 {done} 步',
  'carry.refused': '{n} 步服务器没有收：可能在路上被改动过，请让本人重新导出一份',
  'carry.foreign': '不是矿检导出的文件，请选手机导出的 kuangjian-….txt',
  'carry.damaged': '文件不完整或被改动过，请重新拷贝，或让本人重新导出一份',
  'carry.receipts': '这是回执，请交还给原手机，在“设置·代同事上交”里读入',
  'carry.give': '导出回执',
  'carry.give_why': '把回执交还原手机读入，手机就知道已送达',
} as const
