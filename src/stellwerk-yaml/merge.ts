import type { MapNode, TreeNode } from './tree.ts'

/**
 * Lays `over` on `base`: maps are merged key by key; lists and single values are replaced whole. A map whose `kind` differs
 * is replaced too, since one adapter's options mean nothing to another.
 */
export function merge(base: TreeNode | undefined, over: TreeNode | undefined): TreeNode | undefined {
  if (base?.kind !== 'map' || over?.kind !== 'map') return over ?? base
  return isAnotherKind(base, over) ? over : mergeMaps(base, over)
}

export function mergeMaps(base: MapNode, over: MapNode): MapNode {
  const entries = new Map(base.entries)
  for (const [key, node] of over.entries) entries.set(key, merge(base.entries.get(key), node)!)
  return { ...over, entries }
}

function isAnotherKind(base: MapNode, over: MapNode): boolean {
  if (over.path.at(-1) === 'variables') return false
  const [before, after] = [base.entries.get('kind'), over.entries.get('kind')]
  return before?.kind === 'scalar' && after?.kind === 'scalar' && before.value !== after.value
}
