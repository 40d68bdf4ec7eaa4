/** Selectors as text of PromQL: `requests_total{job="api"}`, taken apart just enough to narrow them down. */
import type { Target } from '../../../ports/result.ts'

export type Selector = { readonly name: string; readonly matchers: readonly string[] }

const MATCHER = /[A-Za-z_]\w*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\\n]|\\[^\n])*"/g

/** Of text that the schema has let through. */
export function parseSelector(text: string, target: Target): Selector {
  const whole = filled(text, target)
  const at = whole.indexOf('{')
  if (at < 0) return { name: whole, matchers: [] }
  return { name: whole.slice(0, at), matchers: whole.slice(at).match(MATCHER) ?? [] }
}

/** `$service` and so on with what they stand for; a name that is not among the values stays as it is. */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$(slot|service|environment|component)\b/g, (whole, key: string) => {
    return Object.hasOwn(values, key) ? inQuotes(values[key]!) : whole
  })
}

export function narrowed(selector: Selector, ...matchers: readonly string[]): Selector {
  return { ...selector, matchers: [...selector.matchers, ...matchers] }
}

export function equals(label: string, value: string): string {
  return `${label}="${inQuotes(value)}"`
}

export function oneOf(label: string, values: readonly string[]): string {
  const literal = values.map((value) => value.replace(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`))
  return `${label}=~"${inQuotes(literal.join('|'))}"`
}

export function text({ name, matchers }: Selector): string {
  return matchers.length === 0 ? name : `${name}{${matchers.join(',')}}`
}

/** Labels that a selector asks for. */
export function labelsOf({ matchers }: Selector): readonly string[] {
  return matchers.map((matcher) => /^\w+/.exec(matcher)![0])
}

function inQuotes(value: string): string {
  return value.replace(/["\\]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)
}
