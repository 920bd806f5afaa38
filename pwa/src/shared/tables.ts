/** The server's own tables (`make tables` writes them): what may happen, and what things are called. */
import documentTable from './tables/documents.json'
import formTable from './tables/form.json'
import hazardTable from './tables/hazard.json'
import kindTable from './tables/kinds.json'
import postTable from './tables/posts.json'
import roleTable from './tables/roles.json'
import visitTable from './tables/visit.json'
import type { Bilingual } from './i18n'
import type { Moves } from './workflow'

export const HAZARD: Moves = hazardTable
export const VISIT: Moves = visitTable
export const FORM: Moves = formTable
export const ROLES: Readonly<Record<string, Bilingual>> = roleTable
/** What the kinds of lists are called. */
export const KINDS: Readonly<Record<string, Bilingual>> = kindTable
export const DOCUMENTS: Readonly<Record<string, Bilingual & { word: string }>> = documentTable
export const POSTS: Readonly<Record<string, Bilingual & { mine_type: string | null }>> = postTable

/** A state's word; a state of a newer server, which this table lacks, is shown by its bare name. */
export const stateOf = (table: Moves, state: string): Bilingual => table.states[state] ?? { zh: state }

/** A kind of list. */
export const kindOf = (kind: string): Bilingual => KINDS[kind] ?? { zh: kind }

/** A post's name; a mine's own post, which this table lacks, is shown by its code. */
export const postOf = (code: string): Bilingual => POSTS[code] ?? { zh: code }
