/** The papers of a visit that this phone can issue, by the keys of their templates. */
export const PAPERS = ['inspection_record', 'rectify_order'] as const
export type PaperKind = (typeof PAPERS)[number]

/** Where anybody checks a paper by its code. */
export const verifyBase = (): string => `${location.origin}/v`
