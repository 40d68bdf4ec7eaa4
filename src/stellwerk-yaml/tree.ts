/**
 * What a YAML file says, as data in which every value still knows where it stands. Layers are merged on this tree, so that
 * a problem in a merged environment points at the line that a person wrote.
 */
import type { Told } from '../core/say.ts'
import type { PathPart } from './problem.ts'

export type Place = {
  /** Offset of the value in the text. */
  readonly at: number
  /** Offset of its key; the value's own for list entries and the root. */
  readonly keyAt: number
  /** Where it is used in the file: `["environments", "prod", "rollout"]`. */
  readonly path: readonly PathPart[]
}

export type ScalarNode = Place & { readonly kind: 'scalar'; readonly value: string | number | boolean | null }
export type ListNode = Place & { readonly kind: 'list'; readonly items: readonly TreeNode[] }
export type MapNode = Place & { readonly kind: 'map'; readonly entries: ReadonlyMap<string, TreeNode> }
export type TreeNode = ScalarNode | ListNode | MapNode

/** A problem before its offset was turned into a line and a column. */
export type Finding = {
  readonly at: number
  readonly path: readonly PathPart[]
  readonly message: Told
  readonly suggestion: Told | null
}

/** The tree as plain data: a fresh copy, the caller's to change. */
export function plain(node: TreeNode | undefined): unknown {
  if (node === undefined) return undefined
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(plain)
  return Object.fromEntries([...node.entries].map(([key, value]) => [key, plain(value)]))
}

/** Entries of a map that are not the user's own `x-` ones. */
export function withoutExtensions(map: MapNode): MapNode {
  return { ...map, entries: new Map([...map.entries].filter(([key]) => !key.startsWith('x-'))) }
}

/** What stands at `path` below `node`; undefined when nothing does. */
export function nodeAt(node: TreeNode | undefined, path: readonly PathPart[]): TreeNode | undefined {
  return path.reduce<TreeNode | undefined>((current, part) => {
    if (current?.kind === 'map') return current.entries.get(String(part))
    return current?.kind === 'list' && typeof part === 'number' ? current.items[part] : undefined
  }, node)
}

/** The deepest thing that exists on the way to `path`, and what of the path is left below it. */
export function nearestNode(root: TreeNode, path: readonly PathPart[]): { node: TreeNode; rest: readonly PathPart[] } {
  for (let length = path.length; length > 0; length--) {
    const node = nodeAt(root, path.slice(0, length))
    if (node) return { node, rest: path.slice(length) }
  }
  return { node: root, rest: path }
}

/** Line and column of an offset, both from 1, as editors show them. */
export function position(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at)
  const line = before.split('\n').length
  return { line, column: at - before.lastIndexOf('\n') }
}
