/**
 * Patterns of matches(): signs, classes, quantifiers on a single one of them, ^ $ at the ends. All the ways a pattern
 * may go are followed at once, so that no text is slow; full regular expressions took 13 s on 28 digits. Twin of
 * forms/expression/pattern.py.
 */

const MOST_STEPS = 100
const ATOM =
  /(\[\^?(?:(?!--|&&|~~|\|\|)(?:[^\][\\^\n]|\\[dws.*+?(){}[\]\\^$|/-]))+\]|\\[dws.*+?(){}[\]\\^$|/-]|[^\\[\](){}*+?|^$\n])([*+?]|\{[0-9]{1,2}(?:,(?:[0-9]{1,2})?)?\})?/uy

interface Step {
  fits: RegExp
  optional: boolean
  again: boolean
}

interface Pattern {
  steps: Step[]
  fromStart: boolean
  toEnd: boolean
}

const known = new Map<string, Pattern | null>()

/** Is the pattern found in the text? false where it is not of the subset. */
export function matches(text: string, pattern: string): boolean {
  let ready = known.get(pattern)
  if (ready === undefined) known.set(pattern, (ready = compile(pattern)))
  if (!ready) return false
  const { steps, fromStart, toEnd } = ready
  const last = steps.length
  const reach = (places: Set<number>) => {
    steps.forEach(({ optional }, place) => optional && places.has(place) && places.add(place + 1))
    return places
  }
  let at = reach(new Set([0]))
  for (const sign of text) {
    if (at.has(last) && !toEnd) return true
    const nearer = new Set(fromStart ? [] : [0])
    for (const place of at) if (steps[place]?.fits.test(sign)) nearer.add(steps[place].again ? place : place + 1)
    at = reach(nearer)
    if (!at.size) return false
  }
  return at.has(last)
}

function compile(pattern: string): Pattern | null {
  const fromStart = pattern.startsWith('^')
  const toEnd = pattern.endsWith('$') && !pattern.endsWith('\\$')
  const body = pattern.slice(Number(fromStart), toEnd ? -1 : undefined)
  const steps: Step[] = []
  ATOM.lastIndex = 0
  while (ATOM.lastIndex < body.length) {
    const found = ATOM.exec(body)
    if (!found) return null
    const [least, most] = times(found[2])
    if (least > most) return null
    try {
      const fits = new RegExp(`^${ours(found[1]!)}$`, 'u')
      for (let n = 0; n < (most === Infinity ? least : most); n++) steps.push({ fits, optional: n >= least, again: false })
      if (most === Infinity) steps.push({ fits, optional: true, again: true })
    } catch {
      return null // [z-a]
    }
    if (steps.length > MOST_STEPS) return null
  }
  return { steps, fromStart, toEnd }
}

/** White space is ASCII's, and a dot is anything but a line's end; both differ between languages. */
function ours(atom: string): string {
  if (atom.startsWith('[')) return atom.replaceAll('\\s', ' \\t-\\r')
  return { '.': '[^\\n]', '\\s': '[ \\t-\\r]', '\\-': '-' }[atom] ?? atom
}

function times(quantifier: string | undefined): [least: number, most: number] {
  if (!quantifier) return [1, 1]
  if (quantifier.startsWith('{')) {
    const [least, most = least] = quantifier.slice(1, -1).split(',')
    return [Number(least), most === '' ? Infinity : Number(most)]
  }
  return [Number(quantifier === '+'), quantifier === '?' ? 1 : Infinity]
}
