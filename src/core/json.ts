/** What can stand in an event, a plan or a command: plain data, no `undefined` at the top, no NaN, no functions. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/**
 * The one text of a value: keys sorted, no white space, `undefined` members left out (RFC 8785 for the data used here).
 * Hashes are taken over this text, so two equal values always have equal hashes.
 *
 * Throws on NaN and infinities: they have no JSON text, and data that holds one is a programmer error.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`no JSON text for the number ${value}`)
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = Object.entries(value as Record<string, unknown>)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`
}
