import { ElOption, ElSelect } from 'element-plus/es/components/select/index.mjs'
import 'element-plus/theme-chalk/el-select.css'
import 'element-plus/theme-chalk/el-option.css'
import 'element-plus/theme-chalk/el-input.css'
import 'element-plus/theme-chalk/el-tag.css'
import 'element-plus/theme-chalk/el-scrollbar.css'
import 'element-plus/theme-chalk/el-popper.css'
import type { Part } from './part'

interface Common { filterable?: boolean; clearable?: boolean; placeholder?: string; noMatchText?: string; noDataText?: string }

export const Select = ElSelect as unknown as Part<Common & { modelValue: string; 'onUpdate:modelValue'?: (value: string) => void }>
export const MultiSelect = ElSelect as unknown as Part<Common & { multiple: true; modelValue: string[]; 'onUpdate:modelValue'?: (value: string[]) => void }>
export const Option = ElOption as unknown as Part<{ value: string; label: string }>
