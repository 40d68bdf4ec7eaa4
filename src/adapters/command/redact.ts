/** Values shorter than this are left alone: blanking every `1` or `on` hides the message and no secret is that short. */
const SHORTEST = 4

/**
 * Returns a function that takes the exact values given out of a text, also where they stand JSON-escaped, URL-encoded or
 * spread over lines: `redactor(["hunter22"])("pw=hunter22")` → `"pw=[redacted]"` (law L11).
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const values = [...new Set(secrets.flatMap(spellings))].filter((value) => value.length >= SHORTEST)
  values.sort((left, right) => right.length - left.length)
  if (values.length === 0) return (text) => text
  const pattern = new RegExp(values.map((value) => value.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g')
  return (text) => text.replace(pattern, '[redacted]')
}

/** Length of the longest spelling: a cut text may begin with up to that many characters of a secret. */
export function longestSpelling(secrets: readonly string[]): number {
  return Math.max(0, ...secrets.flatMap(spellings).map((value) => value.length))
}

function spellings(secret: string): readonly string[] {
  const lines = secret.includes('\n') ? secret.split('\n').map((line) => line.trim()) : []
  return [secret, JSON.stringify(secret).slice(1, -1), uriEncoded(secret), ...lines]
}

function uriEncoded(secret: string): string {
  return encodeURIComponent(secret.toWellFormed())
}
