/**
 * zod's issues → what a person can act on: where exactly, what was expected, what was found, what was probably meant.
 *
 * Schemas of this folder give as their message the thing they expect ("a duration …"); zod's own messages are left out and
 * said in the same form here.
 */
import { english, type Part, say, type Told } from '../core/say.ts'
import { joined, toldIn } from './expected.ts'
import type { z } from 'zod'
import { isNotYet, renamed } from './not-yet.ts'
import type { KnownKeys } from './known-keys.ts'
import { MAX_PROBLEMS, type PathPart, pathText, show } from './problem.ts'
import { nearest, respelled } from './suggest.ts'
import { type Finding, nearestNode, nodeAt, plain, type TreeNode } from './tree.ts'

export type Issue = z.core.$ZodIssue
/** `environment`: whose merged layers `root` holds; null for the top level alone. */
export type Context = { readonly root: TreeNode; readonly known: KnownKeys; readonly environment: string | null }

const TYPES: Readonly<Record<string, Told>> = {
  string: say`text`,
  number: say`a number`,
  int: say`a whole number`,
  boolean: say`true or false`,
  object: say`a map`,
  record: say`a map`,
  array: say`a list`,
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
  const said = joined(different(mismatches.map(expectation)), (left, right) => say`${left}, or ${right}`)
  return [{ code: 'custom', path, message: english(said), params: { said, options: mismatches.flatMap(optionsOf) } }]
}

/** Each once, by what they say. */
function different(parts: readonly Part[]): readonly Part[] {
  return [...new Map(parts.map((part) => [english(part), part])).values()]
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
  const wanted = expectation(issue)
  if (issue.code === 'invalid_key') {
    const message = say`the key ${show(path.at(-1))} is not a name that can stand here: expected ${wanted}`
    return [{ at: node.keyAt, path: node.path, message, suggestion: null }]
  }
  const found = plain(node)
  const shown = path.some((part) => PRIVATE.includes(String(part))) ? typeName(found) : show(found)
  const message = say`expected ${wanted}, found ${shown}`
  return [{ at: node.at, path: node.path, message, suggestion: suggestionFor(issue, found) }]
}

function missing(parent: TreeNode, rest: readonly PathPart[], wanted: Part, environment: string | null): Finding {
  const isComplete = parent.path[0] === 'environments' || parent.path.some((part) => typeof part === 'number')
  const where = environment !== null && !isComplete ? say` in environment "${environment}"` : ''
  const message = say`${pathText(rest)} is missing${where}: expected ${wanted}`
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
      ? say`"${key}" is not supported by this version; it would have no effect`
      : say`unknown key "${key}"`
    const now = renamed(section, key)
    const suggestion = isPlanned ? say`remove it` : now ? say`it is called \`${now}\` now` : betterKey(key, here, known)
    return { at: node.keyAt, path: node.path, message, suggestion }
  })
}

function betterKey(key: string, here: readonly string[], known: KnownKeys): Told | null {
  const places = known.placesOf(key)
  if (places.length > 0 && places.length <= 3) {
    return places.includes('')
      ? say`\`${key}\` belongs to the top level`
      : say`\`${key}\` belongs under \`${joined(places, (left, right) => say`${left}\` or \`${right}`)}\``
  }
  const near = nearest(key, here)
  if (near) return say`did you mean \`${near}\`?`
  return here.length > 0 ? say`known here: ${here.join(', ')}` : null
}

function expectation(issue: Issue): Part {
  if (issue.message) return toldIn(issue)
  if (issue.code === 'invalid_type') return TYPES[issue.expected] ?? issue.expected
  if (issue.code === 'invalid_value') return oneOf(issue.values)
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ? toldIn(issue.issues[0]) : say`another name`
  if (issue.code === 'invalid_union') return oneOf(optionsOf(issue))
  if (issue.code === 'too_small') return say`at least ${amount(issue.minimum, issue.origin)}`
  if (issue.code === 'too_big') return say`at most ${amount(issue.maximum, issue.origin)}`
  return say`something else`
}

function amount(count: number | bigint, origin: string): Part {
  const one = Number(count) === 1
  if (origin === 'array') return one ? say`${1} entry` : say`${Number(count)} entries`
  if (origin !== 'string') return String(count)
  return one ? say`${1} character` : say`${Number(count)} characters`
}

function oneOf(values: readonly unknown[]): Part {
  const texts = values.map(String)
  return texts.length === 1 ? texts[0]! : say`one of ${texts.join(', ')}`
}

/** The words that would have been right, where there is a list of them. */
function optionsOf(issue: Issue): readonly string[] {
  const options =
    issue.code === 'invalid_value'
      ? issue.values
      : ((issue as { options?: unknown }).options ?? (issue as { params?: { options?: unknown } }).params?.options)
  return Array.isArray(options) ? options.map(String) : []
}

function suggestionFor(issue: Issue, found: unknown): Told | null {
  if (typeof found === 'string') {
    const near = nearest(found, optionsOf(issue))
    const respelt = respelled(found)
    return near ? say`did you mean "${near}"?` : respelt ? say`write ${respelt}` : null
  }
  if (typeof found === 'number' && issue.message.includes('duration')) return say`add the unit: ${found}s`
  if (typeof found === 'number' && issue.message.includes('percentage')) return say`write ${found}%`
  const isText = issue.code === 'invalid_type' && issue.expected === 'string' && issue.message === ''
  return isText && (typeof found === 'number' || typeof found === 'boolean') ? say`put it in quotes` : null
}

function typeName(value: unknown): Told {
  if (value === null) return say`nothing (an empty value)`
  if (Array.isArray(value)) return say`a list`
  return typeof value === 'object' ? say`a map` : (TYPES[typeof value] ?? TYPES['boolean']!)
}
