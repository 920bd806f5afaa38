import { ElInput } from 'element-plus/es/components/input/index.mjs'
import 'element-plus/theme-chalk/el-input.css'
import type { Part } from './part'

export const Input = ElInput as unknown as Part<{
  modelValue: string
  clearable?: boolean
  placeholder?: string
  'onUpdate:modelValue'?: (value: string) => void
  onKeyup?: (event: KeyboardEvent) => void
  onClear?: () => void
}>
