/** What a colleague of the team scans to open the same visit; the visit itself reached his phone with the last sync. */
const PREFIX = 'KJ1:visit:'

export const joinCode = (visit: string): string => PREFIX + visit

/** The visit that a code names; null for any other code. */
export const visitOf = (code: string): string | null => (code.startsWith(PREFIX) ? code.slice(PREFIX.length).trim() : null)
