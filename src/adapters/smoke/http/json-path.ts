/**
 * The few paths that a smoke check needs: `$`, `$.ok`, `$.items[0].id`. An expectation is a JSON value that must stand
 * there exactly, or `{ "exists": true }` / `{ "exists": false }` for a value that cannot be known beforehand.
 */
import { canonicalJson, type Json } from '../../../core/json.ts'
import { type Result, failure, ok } from '../../../ports/result.ts'

const PATH = /^\$(?:\.[\w-]+|\[\d+\])*$/

/** The parts of a path: `$.items[0].id` → `["items", "0", "id"]`. */
export function parsePath(path: string): Result<readonly string[]> {
  if (PATH.test(path)) return ok([...path.matchAll(/[\w-]+/g)].map(([part]) => part))
  return failure('permanent', `"${path}" is no path; write "$", "$.name" or "$.items[0].name"`)
}

/** Undefined when there is nothing at the path. */
export function valueAt(json: unknown, parts: readonly string[]): unknown {
  let value = json
  for (const part of parts) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}

export function matches(value: unknown, expected: Json): boolean {
  const exists = existence(expected)
  if (exists !== null) return (value !== undefined) === exists
  return value !== undefined && canonicalJson(value) === canonicalJson(expected)
}

/** `$.id exists`, `$.error does not exist`, `$.ok is true`: for the report. */
export function describeExpectation(path: string, expected: Json): string {
  const exists = existence(expected)
  if (exists === null) return `${path} is ${JSON.stringify(expected)}`
  return exists ? `${path} exists` : `${path} does not exist`
}

function existence(expected: Json): boolean | null {
  if (expected === null || typeof expected !== 'object' || Array.isArray(expected)) return null
  const [[name, value] = [], ...more] = Object.entries(expected)
  return name === 'exists' && typeof value === 'boolean' && more.length === 0 ? value : null
}
