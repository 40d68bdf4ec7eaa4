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
  let members = ''
  for (const key of Object.keys(value).sort()) {
    const member = (value as Members)[key]
    if (member === undefined) continue
    members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`
  }
  return `{${members}}`
}

/** Whether both have one canonical text, without making it: `{ a: 1, b: undefined }` is the same as `{ a: 1 }`. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) || Array.isArray(right)) return sameList(left, right)
  return sameMembers(left as Members, right as Members)
}

type Members = { readonly [key: string]: unknown }

function sameList(left: object, right: object): boolean {
  if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false
  return left.every((value, index) => sameJson(value, right[index]))
}

function sameMembers(left: Members, right: Members): boolean {
  for (const key in left) if (!sameJson(left[key], right[key])) return false
  for (const key in right) if (left[key] === undefined && right[key] !== undefined) return false
  return true
}

export function isEmpty(record: object): boolean {
  for (const _ in record) return false
  return true
}
