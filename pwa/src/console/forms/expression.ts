/** A frozen condition as an author writes it, `${CO} > 24 and . != ''`. Twin of forms/expression/tree.py `written`. */
type Node = number | string | boolean | { self: true } | { item: string } | { op: string; args: Node[] }

const INFIX: Record<string, number> = { or: 1, and: 2, '=': 3, '!=': 3, '<': 4, '<=': 4, '>': 4, '>=': 4, '+': 5, '-': 5, '*': 6, div: 6, mod: 6 }
const around = (text: string, tight: number, outer: number) => (tight < outer ? `(${text})` : text)

function literal(value: number | string | boolean): string {
  if (typeof value === 'boolean') return value ? 'true()' : 'false()'
  if (typeof value === 'string') return value.includes("'") ? `"${value}"` : `'${value}'`
  return String(value)
}

function write(node: Node, outer: number): string {
  if (typeof node !== 'object') return literal(node)
  if ('self' in node) return '.'
  if ('item' in node) return `\${${node.item}}`
  const { op, args } = node
  if (op === 'empty') return around(`${write(args[0]!, 4)} = ''`, 3, outer)
  if (op === 'neg') return around(`-${write(args[0]!, 8)}`, 7, outer)
  const tight = INFIX[op]
  if (tight) return around(`${write(args[0]!, tight)} ${op} ${write(args[1]!, tight + 1)}`, tight, outer)
  return `${op}(${args.map((arg) => write(arg, 0)).join(', ')})`
}

/** What stands in the author's field: his own words, or the tree put back into words; `''` for none. */
export function conditionText(condition: unknown): string {
  if (condition === undefined || condition === null) return ''
  return typeof condition === 'string' ? condition : write(condition as Node, 0)
}

/** For who reads and does not write: items by their words, the item's own answer as “this answer”. */
export function conditionWords(condition: unknown, nameOf: (item: string) => string | undefined, own: string): string {
  return conditionText(condition).replace(/\$\{([^}]+)\}|(?<![\w.'")])\.(?![\w.])/g, (whole, item?: string) => (item ? `“${nameOf(item) ?? item}”` : whole === '.' ? own : whole))
}
