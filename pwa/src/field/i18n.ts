/** The field app's words: its own and those it shares with the desk. */
import { translator } from '@/shared/i18n'
import { zh as common } from '@/shared/words/zh'
import { zh as paper } from './words/paper.zh'
import { zh as team } from './words/team.zh'
import { zh as visits } from './words/visits.zh'
import { zh as own } from './words/zh'

export const { t, say, has, language, use: useLanguage } = translator({ ...common, ...own, ...paper, ...team, ...visits }, async () => {
  const parts = await Promise.all([import('@/shared/words/en'), import('./words/en'), import('./words/paper.en'), import('./words/team.en'), import('./words/visits.en')])
  return Object.assign({}, ...parts.map(({ en }) => en))
})
