/**
 * Words in two languages without a runtime compiler (the page's CSP forbids eval).
 *
 * zh is the source: its keys are the type, and a `{name}` in a zh phrase is a parameter that the compiler
 * asks for. en must have every key, by type. Load the other language with `import()`, so that nobody
 * carries both.
 */
import { shallowRef, ref, type Ref } from 'vue'

export type Language = 'zh' | 'en'

/** A text of a form or of a problem: zh always, en where somebody wrote it. */
export interface Bilingual {
  zh: string
  en?: string | undefined
}

type Names<S extends string> = S extends `${string}{${infer N}}${infer Rest}` ? N | Names<Rest> : never
type Values<S extends string> = [Names<S>] extends [never] ? [] : [values: Record<Names<S>, string | number>]

export interface Translator<Zh extends Record<string, string>> {
  language: Readonly<Ref<Language>>
  /** The phrase for a key, with its `{names}` filled in. */
  t<K extends keyof Zh & string>(key: K, ...values: Values<Zh[K]>): string
  /** Whether there is a phrase: for keys made from data, such as a state that a newer server sends. */
  has(key: string): key is keyof Zh & string
  /** The reader's language of a text that comes with both. */
  say(text: Bilingual): string
  use(language: Language): Promise<void>
}

export function translator<const Zh extends Record<string, string>>(
  zh: Zh,
  loadEn: () => Promise<Record<keyof Zh, string>>,
): Translator<Zh> {
  const words = shallowRef<Record<string, string>>(zh)
  const language = ref<Language>('zh')
  return {
    language,
    t: (key, ...[values]) =>
      (words.value[key] ?? zh[key]!).replace(/\{(\w+)\}/g, (_, name: string) => String((values as Record<string, unknown> | undefined)?.[name])),
    has: (key): key is keyof Zh & string => key in zh,
    say: (text) => (language.value === 'en' && text.en) || text.zh,
    async use(next) {
      words.value = next === 'en' ? await loadEn() : zh
      language.value = next
      document.documentElement.lang = next === 'en' ? 'en' : 'zh-CN'
    },
  }
}
