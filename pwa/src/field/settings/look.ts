/** How the screens look on this phone: language, text size, theme. Kept plainly: they must hold before anybody signs in. */
import { defineStore } from 'pinia'
import { reactive, watch } from 'vue'
import type { Language } from '@/shared/i18n'
import { useLanguage } from '../i18n'

export const LANGUAGES: readonly Language[] = ['zh', 'en']
export const SIZES = ['normal', 'large', 'largest'] as const
export const THEMES = ['day', 'dark', 'yellow'] as const

interface Look { language: Language; size: (typeof SIZES)[number]; theme: (typeof THEMES)[number] }

const KEY = 'kuangjian.look'
const FIRST: Look = { language: 'zh', size: 'normal', theme: 'day' }

/** What was kept, wherever it still makes sense. */
export function readLook(kept: string | null): Look {
  try {
    const { language, size, theme } = JSON.parse(kept ?? '{}') as Partial<Look>
    return {
      language: LANGUAGES.includes(language!) ? language! : FIRST.language,
      size: SIZES.includes(size!) ? size! : FIRST.size,
      theme: THEMES.includes(theme!) ? theme! : FIRST.theme,
    }
  } catch {
    return { ...FIRST }
  }
}

export const useLook = defineStore('look', () => {
  const look = reactive(readLook(localStorage.getItem(KEY)))
  watch(
    look,
    ({ language, size, theme }) => {
      localStorage.setItem(KEY, JSON.stringify(look))
      Object.assign(document.documentElement.dataset, { size, theme })
      void useLanguage(language)
    },
    { immediate: true },
  )
  return { look }
})
