/** The field app's words: its own and those it shares with the desk. */
import { translator } from '@/shared/i18n'
import { zh as common } from '@/shared/words/zh'
import { zh as paper } from './words/paper.zh'
import { zh as own } from './words/zh'

export const { t, say, has, language, use: useLanguage } = translator({ ...common, ...own, ...paper }, async () => {
  const [{ en: commonEn }, { en: ownEn }, { en: paperEn }] = await Promise.all([import('@/shared/words/en'), import('./words/en'), import('./words/paper.en')])
  return { ...commonEn, ...ownEn, ...paperEn }
})
