/** The desk's words: its own and those it shares with the phone. */
import { translator, type Language } from '@/shared/i18n'
import { zh as common } from '@/shared/words/zh'
import { speak } from './api'
import { zh as carry } from './words/carry.zh'
import { zh as forms } from './words/forms.zh'
import { zh as people } from './words/people.zh'
import { zh as own } from './words/zh'

const words = translator({ ...common, ...own, ...forms, ...people, ...carry }, async () => {
  const [{ en: commonEn }, { en: ownEn }, { en: formsEn }, { en: peopleEn }, { en: carryEn }] = await Promise.all([import('@/shared/words/en'), import('./words/en'), import('./words/forms.en'), import('./words/people.en'), import('./words/carry.en')])
  return { ...commonEn, ...ownEn, ...formsEn, ...peopleEn, ...carryEn }
})

export const { t, say, has, language } = words
const KEPT = 'console.language'

export async function useLanguage(next: Language): Promise<void> {
  await words.use(next)
  speak(next)
  localStorage.setItem(KEPT, next)
}

/** What this person chose here before; Chinese otherwise. */
export const keptLanguage = (): Language => (localStorage.getItem(KEPT) === 'en' ? 'en' : 'zh')
