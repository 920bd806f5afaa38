import { ElConfigProvider } from 'element-plus/es/components/config-provider/index.mjs'
import en from 'element-plus/es/locale/lang/en.mjs'
import zh from 'element-plus/es/locale/lang/zh-cn.mjs'
import type { Part } from './part'

export const locales = { zh, en }
export const ConfigProvider = ElConfigProvider as unknown as Part<{ locale: typeof zh }>
