/**
 * The parser's nodes → our tree: aliases and merge keys resolved, duplicate keys and values that no log could keep refused.
 * What aliases expand to is counted, so that a small file cannot become a large one.
 */
import { say, type Told } from '../core/say.ts'
import { isAlias, isMap, isScalar, type Pair, type ParsedNode, type YAMLMap } from 'yaml'
import type { PathPart } from './problem.ts'
import type { Finding, MapNode, Place, TreeNode } from './tree.ts'

export type TreeResult =
  | { readonly ok: true; readonly root: TreeNode }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/** Values of one file, counted after aliases are resolved. */
const MAX_VALUES = 20_000

type Walk = {
  readonly anchors: Map<string, ParsedNode>
  readonly findings: Finding[]
  readonly maxDepth: number
  values: number
}

/** Where a node is used: its path and key, the depth, and whether an alias led here (its anchors are known already). */
type Use = {
  readonly path: readonly PathPart[]
  readonly keyAt: number | null
  readonly depth: number
  readonly aliased: boolean
}

export function buildTree(contents: ParsedNode, maxDepth: number): TreeResult {
  const walk: Walk = { anchors: new Map(), findings: [], maxDepth, values: 0 }
  const root = build(contents, { path: [], keyAt: null, depth: 0, aliased: false }, walk)
  return walk.findings.length > 0 ? { ok: false, findings: walk.findings } : { ok: true, root }
}

function build(node: ParsedNode | null, use: Use, walk: Walk): TreeNode {
  const at = node?.range[0] ?? use.keyAt ?? 0
  const place: Place = { at, keyAt: use.keyAt ?? at, path: use.path }
  walk.values += 1
  if (node === null || isTooMuch(place, use, walk)) return { ...place, kind: 'scalar', value: null }
  if (isAlias(node)) return buildAlias(node.source, place, use, walk)
  if (node.anchor && !use.aliased) keepAnchor(node.anchor, node, place, walk)
  if (isMap(node)) return buildMap(node as YAMLMap.Parsed, place, use, walk)
  if (isScalar(node)) return scalar(node.value, place, walk)
  const items = node.items.map((item, index) => build(item as ParsedNode, below(use, index, null), walk))
  return { ...place, kind: 'list', items }
}

/** Said once; what comes after is left out, so that the walk ends soon. */
function isTooMuch(place: Place, use: Use, walk: Walk): boolean {
  const isDeep = use.depth > walk.maxDepth
  const isFirst = walk.values <= MAX_VALUES + 1
  if (isDeep && isFirst) report(walk, place, say`is nested deeper than ${walk.maxDepth} levels, or holds itself`)
  else if (walk.values === MAX_VALUES + 1) report(walk, place, say`the file holds more than ${MAX_VALUES} values`)
  if (isDeep) walk.values = MAX_VALUES + 1
  return walk.values > MAX_VALUES
}

/** A second anchor of the same name would change what aliases inside the first one's copies mean. */
function keepAnchor(anchor: string, node: ParsedNode, place: Place, walk: Walk): void {
  if (walk.anchors.has(anchor))
    report(walk, place, say`the anchor &${anchor} is defined twice`, say`give each its own name`)
  walk.anchors.set(anchor, node)
}

function buildAlias(anchor: string, place: Place, use: Use, walk: Walk): TreeNode {
  const target = walk.anchors.get(anchor)
  if (target) return build(target, { ...use, depth: use.depth + 1, aliased: true }, walk)
  report(walk, place, say`no anchor &${anchor} stands before this alias`)
  return { ...place, kind: 'scalar', value: null }
}

function buildMap(node: YAMLMap.Parsed, place: Place, use: Use, walk: Walk): MapNode {
  const merged = new Map<string, TreeNode>()
  const own = new Map<string, TreeNode>()
  for (const pair of node.items) {
    const keyAt = pair.key.range[0]
    const key = keyOf(pair)
    if (key === null) report(walk, { ...place, at: keyAt }, say`a key must be plain text`)
    else if (isMergeKey(pair)) addMerged(merged, build(pair.value, below(use, null, keyAt), walk), walk)
    else if (refuseKey(key, own.get(key), { ...place, at: keyAt, path: [...place.path, key] }, walk)) continue
    else own.set(key, build(pair.value, below(use, key, keyAt), walk))
  }
  return { ...place, kind: 'map', entries: new Map([...merged, ...own]) }
}

/** `<<: *defaults` or `<<: [*a, *b]`: what is named first wins, and the map's own keys win over all. */
function addMerged(merged: Map<string, TreeNode>, node: TreeNode, walk: Walk): void {
  for (const source of node.kind === 'list' ? node.items : [node]) {
    if (source.kind !== 'map') report(walk, node, say`"<<" merges maps only`, say`give it an alias of a map: <<: *name`)
    for (const [key, value] of source.kind === 'map' ? source.entries : []) merged.set(key, merged.get(key) ?? value)
  }
}

function refuseKey(key: string, first: TreeNode | undefined, place: Place, walk: Walk): boolean {
  if (first)
    report(walk, place, say`the key "${key}" stands here twice; the first would be lost`, say`remove one of them`)
  else if (key === '__proto__') report(walk, place, say`the key "__proto__" is refused`)
  else if (!isKeepable(key)) report(walk, place, say`a key holds a character that no log can keep (NUL or half a pair)`)
  else return false
  return true
}

function scalar(value: unknown, place: Place, walk: Walk): TreeNode {
  if (value === null || typeof value === 'boolean') return { ...place, kind: 'scalar', value }
  if (typeof value === 'string' && isKeepable(value)) return { ...place, kind: 'scalar', value }
  if (typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) {
    return { ...place, kind: 'scalar', value: value === 0 ? 0 : value }
  }
  const isText = typeof value === 'string'
  const message = isText
    ? say`holds a character that no log can keep (NUL or half a pair)`
    : say`is not an exact, finite number`
  report(walk, place, message, isText ? null : say`put it in quotes if it is text`)
  return { ...place, kind: 'scalar', value: null }
}

/** Postgres keeps neither NUL nor half a surrogate pair in JSON, and no program gets a NUL in its environment. */
function isKeepable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

function keyOf(pair: Pair<ParsedNode, ParsedNode | null>): string | null {
  return isScalar(pair.key) && typeof pair.key.value === 'string' ? pair.key.value : null
}

function isMergeKey(pair: Pair<ParsedNode, ParsedNode | null>): boolean {
  return isScalar(pair.key) && pair.key.type === 'PLAIN' && pair.key.value === '<<'
}

function below(use: Use, key: PathPart | null, keyAt: number | null): Use {
  return { path: key === null ? use.path : [...use.path, key], keyAt, depth: use.depth + 1, aliased: use.aliased }
}

function report(walk: Walk, place: Place, message: Told, suggestion: Told | null = null): void {
  walk.findings.push({ at: place.at, path: place.path, message, suggestion })
}
