import { ElDatePicker } from 'element-plus/es/components/date-picker/index.mjs'
import 'element-plus/theme-chalk/el-date-picker.css'
import 'element-plus/theme-chalk/el-date-picker-panel.css'
import 'element-plus/theme-chalk/el-time-picker.css'
import 'element-plus/theme-chalk/el-input.css'
import 'element-plus/theme-chalk/el-button.css'
import 'element-plus/theme-chalk/el-scrollbar.css'
import 'element-plus/theme-chalk/el-popper.css'
import type { Part } from './part'

/** Values are texts in `valueFormat`; `''` is none. */
export const DatePicker = ElDatePicker as unknown as Part<{
  type: 'date' | 'datetime'
  modelValue: string
  valueFormat: string
  format?: string
  timeFormat?: string
  clearable?: boolean
  disabledDate?: (day: Date) => boolean
  'onUpdate:modelValue'?: (value: string) => void
}>
