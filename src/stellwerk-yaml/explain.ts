/**
 * zod's issues → what a person can act on: where exactly, what was expected, what was found, what was probably meant.
 *
 * Schemas of this folder give as their message the thing they expect ("a duration …"); zod's own messages are left out and
 * said in the same form here.
 */
import type { z } from 'zod'
import { isNotYet, renamed } from './not-yet.ts'
import type { KnownKeys } from './known-keys.ts'
import { MAX_PROBLEMS, type PathPart, pathText, show } from './problem.ts'
import { nearest, respelled } from './suggest.ts'
import { type Finding, nearestNode, nodeAt, plain, type TreeNode } from './tree.ts'

export type Issue = z.core.$ZodIssue
/** `environment`: whose merged layers `root` holds; null for the top level alone. */
export type Context = { readonly root: TreeNode; readonly known: KnownKeys; readonly environment: string | null }

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
}

/** Values below these keys may be secrets or lead to them, and are never repeated (law L11). */
const PRIVATE = ['secrets', 'variables', 'headers', 'body', 'url']

/** A union's issue is replaced by those of the branch that was most likely meant. Paths become absolute. */
export function flatten(issue: Issue, parent: readonly PathPart[]): readonly Issue[] {
  const path = [...parent, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))]
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ ...issue, path }]
  const fitting = issue.errors.filter((branch) => !branch.some(isMismatch))
  const sameShape = fitting.filter((branch) => !branch.some(isOtherShape))
  const meant = (sameShape.length > 0 ? sameShape : fitting).toSorted(
    (left, right) => farness(left) - farness(right),
  )[0]
  if (meant) return meant.flatMap((inner) => flatten(inner, path))
  const mismatches = issue.errors.map((branch) => branch.find(isMismatch)!)
  const message = [...new Set(mismatches.map(expectation))].join(', or ')
  return [{ code: 'custom', path, message, params: { options: mismatches.flatMap(optionsOf) } }]
}

/** The branch is for another type of value altogether. */
function isMismatch(issue: Issue): boolean {
  const isType = issue.code === 'invalid_type' || issue.code === 'invalid_value'
  return issue.path.length === 0 && (isType || (issue.code === 'invalid_union' && issue.errors.length > 0))
}

/** A branch that knows every key is likelier meant than one that does not. */
function farness(branch: readonly Issue[]): number {
  return branch.length + (branch.some(({ code }) => code === 'unrecognized_keys') ? 0.5 : 0)
}

/** The branch is for a map with other keys: its name of what it is, or something that it cannot do without, is not there. */
function isOtherShape(issue: Issue): boolean {
  const isUnmatched = issue.code === 'invalid_union' && issue.errors.length === 0
  return issue.path.length === 1 && (isUnmatched || (issue.code === 'invalid_type' && issue.input === undefined))
}

export function explain(issue: Issue, context: Context): readonly Finding[] {
  const path = issue.path as readonly PathPart[]
  if (issue.code === 'unrecognized_keys') return unknownKeys(path, issue.keys, context)
  const { node, rest } = nearestNode(context.root, path)
  if (rest.length > 0) return [missing(node, rest, expectation(issue), context.environment)]
  const expected = expectation(issue)
  if (issue.code === 'invalid_key') {
    const message = `the key ${show(path.at(-1))} is not a name that can stand here: expected ${expected}`
    return [{ at: node.keyAt, path: node.path, message, suggestion: null }]
  }
  const found = plain(node)
  const shown = path.some((part) => PRIVATE.includes(String(part))) ? typeName(found) : show(found)
  const message = `expected ${expected}, found ${shown}`
  return [{ at: node.at, path: node.path, message, suggestion: suggestionFor(issue, found) }]
}

function missing(parent: TreeNode, rest: readonly PathPart[], expected: string, environment: string | null): Finding {
  const isComplete = parent.path[0] === 'environments' || parent.path.some((part) => typeof part === 'number')
  const where = environment !== null && !isComplete ? ` in environment "${environment}"` : ''
  const message = `${pathText(rest)} is missing${where}: expected ${expected}`
  return { at: parent.keyAt, path: parent.path, message, suggestion: null }
}

/** At most as many as anybody is shown. */
export function unknownKeys(map: readonly PathPart[], keys: readonly string[], context: Context): readonly Finding[] {
  const { root, known } = context
  const section = map.length === 0 ? '' : String(map[0])
  const here = known.at(map, plain(nodeAt(root, map)))
  return keys.slice(0, MAX_PROBLEMS + 1).map((key) => {
    const node = nodeAt(root, [...map, key]) ?? root
    const isPlanned = isNotYet(section, key)
    const message = isPlanned
      ? `"${key}" is not supported by this version; it would have no effect`
      : `unknown key "${key}"`
    const now = renamed(section, key)
    const suggestion = isPlanned ? 'remove it' : now ? `it is called \`${now}\` now` : betterKey(key, here, known)
    return { at: node.keyAt, path: node.path, message, suggestion }
  })
}

function betterKey(key: string, here: readonly string[], known: KnownKeys): string | null {
  const places = known.placesOf(key)
  if (places.length > 0 && places.length <= 3) {
    return places.includes('')
      ? `\`${key}\` belongs to the top level`
      : `\`${key}\` belongs under \`${places.join('` or `')}\``
  }
  const near = nearest(key, here)
  if (near) return `did you mean \`${near}\`?`
  return here.length > 0 ? `known here: ${here.join(', ')}` : null
}

function expectation(issue: Issue): string {
  if (issue.message) return issue.message
  if (issue.code === 'invalid_type') return TYPES[issue.expected] ?? issue.expected
  if (issue.code === 'invalid_value') return oneOf(issue.values)
  if (issue.code === 'invalid_key') return issue.issues[0]?.message || 'another name'
  if (issue.code === 'invalid_union') return oneOf(optionsOf(issue))
  if (issue.code === 'too_small') return `at least ${amount(issue.minimum, issue.origin)}`
  if (issue.code === 'too_big') return `at most ${amount(issue.maximum, issue.origin)}`
  return 'something else'
}

function amount(count: number | bigint, origin: string): string {
  const one = Number(count) === 1
  if (origin === 'array') return `${count} ${one ? 'entry' : 'entries'}`
  return origin === 'string' ? `${count} ${one ? 'character' : 'characters'}` : String(count)
}

function oneOf(values: readonly unknown[]): string {
  const texts = values.map(String)
  return texts.length === 1 ? texts[0]! : `one of ${texts.join(', ')}`
}

/** The words that would have been right, where there is a list of them. */
function optionsOf(issue: Issue): readonly string[] {
  const options =
    issue.code === 'invalid_value'
      ? issue.values
      : ((issue as { options?: unknown }).options ?? (issue as { params?: { options?: unknown } }).params?.options)
  return Array.isArray(options) ? options.map(String) : []
}

function suggestionFor(issue: Issue, found: unknown): string | null {
  if (typeof found === 'string') {
    const near = nearest(found, optionsOf(issue))
    const respelt = respelled(found)
    return near ? `did you mean "${near}"?` : respelt ? `write ${respelt}` : null
  }
  if (typeof found === 'number' && issue.message.includes('duration')) return `add the unit: ${found}s`
  if (typeof found === 'number' && issue.message.includes('percentage')) return `write ${found}%`
  const isText = issue.code === 'invalid_type' && issue.expected === 'string' && issue.message === ''
  return isText && (typeof found === 'number' || typeof found === 'boolean') ? 'put it in quotes' : null
}

function typeName(value: unknown): string {
  if (value === null) return 'nothing (an empty value)'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object'
    ? 'a map'
    : ({ string: 'text', number: 'a number' }[typeof value as string] ?? 'true or false')
}
