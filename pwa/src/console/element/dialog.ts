import { ElDialog } from 'element-plus/es/components/dialog/index.mjs'
import 'element-plus/theme-chalk/el-dialog.css'
import 'element-plus/theme-chalk/el-overlay.css'
import type { Part } from './part'

/** Keeps the focus inside and gives it back; Esc closes. */
export const Dialog = ElDialog as unknown as Part<{
  modelValue: boolean
  title: string
  width: string
  closeOnClickModal?: boolean
  appendToBody?: boolean
  onClose: () => void
}>
