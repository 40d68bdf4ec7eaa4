/** What can be said of a query without asking anybody: its placeholders, its brackets, its quotes. */
import { say, type Told } from '../core/say.ts'
import { nearest } from './suggest.ts'

const PLACEHOLDERS = ['slot', 'service', 'environment', 'component'] as const
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

export function isPerSlot(query: string): boolean {
  return /\$slot\b/.test(query)
}

export type QueryProblem = { readonly message: Told; readonly suggestion: Told }

/** A query that the source would refuse is better refused here: at run time it would hold every release. */
export function queryProblem(query: string): QueryProblem | null {
  const unknown = [...query.matchAll(/\$(\w+)/g)].map(([, name = '']) => name).find((name) => !isPlaceholder(name))
  if (unknown !== undefined) {
    const near = nearest(unknown, PLACEHOLDERS)
    const known = PLACEHOLDERS.map((name) => `$${name}`).join(', ')
    return {
      message: say`nothing is filled in for "$${unknown}" in a query`,
      suggestion: near ? say`did you mean "$${near}"?` : say`known: ${known}; write a window as it is, such as [5m]`,
    }
  }
  const open = unbalanced(query)
  return open === null
    ? null
    : { message: say`the query is not complete: ${open}`, suggestion: say`try it in Prometheus first` }
}

function isPlaceholder(name: string): boolean {
  return (PLACEHOLDERS as readonly string[]).includes(name)
}

/** What is opened and not closed, or the other way round, outside of quotes and comments; null when all is well. */
function unbalanced(query: string): Told | null {
  const bare = query.replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`/g, '').replace(/#.*$/gm, '')
  const quote = /["'`]/.exec(bare)
  if (quote) return say`a ${quote[0]} is not closed`
  const open: string[] = []
  for (const [sign] of bare.matchAll(/[()[\]{}]/g)) {
    const closing = CLOSING[sign]
    if (closing !== undefined) open.push(closing)
    else if (open.pop() !== sign) return say`a ${sign} closes nothing`
  }
  return open.length === 0 ? null : say`a ${open.at(-1)!} is missing`
}
