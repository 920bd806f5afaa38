/** Joining a colleague's visit by his code, wherever it is scanned. */
import { useRouter } from 'vue-router'
import { t } from '../i18n'
import { errorWords } from '../problems'
import { usePorts } from '../ports'
import { readJoin } from './join'

/** Returns what takes a code: it keeps the key and goes to the team's page, or says in words why not. */
export function useJoin(): (code: string) => Promise<string | undefined> {
  const { store } = usePorts()
  const router = useRouter()
  const visits = store.rows('visit')

  return async (code) => {
    const join = readJoin(code)
    if (!join) return t('visit.no_code')
    const { visit, form, key } = join
    if (!visits.value?.some(({ id }) => id === visit)) return t('visit.not_here')
    try {
      if (key) await store.team.join(visit, key)
    } catch (error) {
      return errorWords(error)
    }
    await router.push(key ? { path: `/visits/${visit}/team`, query: { form } } : `/visits/${visit}`)
    return undefined
  }
}
