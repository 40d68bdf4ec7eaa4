/** Null where it is no JSON: what a schema then refuses. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
