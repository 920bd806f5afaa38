import type { PlaceRow } from '../ports'

/** The zones of a place, as `evidence.not_in` of a list names them; the server's Place.zones says the same. */
export const zonesOf = (place: PlaceRow | undefined): string[] => (place?.phones_banned ? ['blasting'] : [])
