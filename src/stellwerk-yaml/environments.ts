/** The frame of the file: `service`, `environments`, and keys that stand where no section is. */
import { expected } from './expected.ts'
import { say } from '../core/say.ts'
import { z } from 'zod'
import { type Context, unknownKeys } from './explain.ts'
import { readSection } from './layers.ts'
import { mergeMaps } from './merge.ts'
import { Name } from './name.ts'
import { nearest } from './suggest.ts'
import { type Finding, type MapNode, nodeAt, type TreeNode, withoutExtensions } from './tree.ts'

const MAX_ENVIRONMENTS = 50

const Environments = z.record(Name, z.record(z.string(), z.unknown())).refine(
  (map) => {
    const count = Object.keys(map).length
    return count > 0 && count <= MAX_ENVIRONMENTS
  },
  expected(say`between 1 and ${MAX_ENVIRONMENTS} environments`),
)

/** Sections whose keys are names that the user chose; `x-` keys among them are not names. */
const NAMED = ['components', 'people', 'groups', 'environments']

/** The file in its long form, without the user's own `x-` keys among names. Where keys are fixed, `readSection` leaves them out. */
export function withoutNamedExtensions(root: MapNode): MapNode {
  const entries = [...root.entries].map(([key, node]): [string, TreeNode] => {
    if (key === 'analysis') return [key, withRules(node)]
    if (node.kind !== 'map' || !NAMED.includes(key)) return [key, node]
    const named = withoutExtensions(node)
    if (key !== 'environments') return [key, named]
    const layers = [...named.entries].map(([name, layer]): [string, TreeNode] => {
      return [name, layer.kind === 'map' ? withoutNamedExtensions(layer) : layer]
    })
    return [key, { ...named, entries: new Map(layers) }]
  })
  return { ...root, entries: new Map(entries) }
}

/** `analysis: […]` is short for `{ rules: […] }`, so that layers can say one without the other. */
function withRules(node: TreeNode): TreeNode {
  if (node.kind !== 'list') return node
  const { at, keyAt, path } = node
  return { kind: 'map', at, keyAt, path, entries: new Map([['rules', node]]) }
}

/** Everything but `service` and `environments`: what every environment starts from. */
export function baseLayer(root: MapNode): MapNode {
  return { ...root, entries: new Map([...root.entries].filter(([key]) => key !== 'service' && key !== 'environments')) }
}

/** The top level with each environment's own layer over it; an environment that is no map is left out. */
export function environmentLayers(root: MapNode): ReadonlyMap<string, MapNode> {
  const base = baseLayer(root)
  const layers = ownLayers(root).slice(0, MAX_ENVIRONMENTS)
  return new Map(layers.map(([name, layer]) => [name, mergeMaps(base, layer)]))
}

export function frameFindings(
  context: Context & { readonly root: MapNode },
  sections: readonly string[],
): readonly Finding[] {
  const { root } = context
  const missing = root.entries.has('components') ? [] : [missingComponents(root)]
  return [
    ...readSection('service', Name, context).findings,
    ...readSection('environments', Environments, context).findings,
    ...missing,
    ...unknownKeys([], strayKeys(root, ['service', 'environments', ...sections]), context),
    ...ownLayers(root).flatMap(([name, layer]) => layerFindings(name, layer, context, sections)),
  ]
}

function layerFindings(
  name: string,
  layer: MapNode,
  context: Context & { readonly root: MapNode },
  sections: readonly string[],
) {
  const stray = unknownKeys(['environments', name], strayKeys(layer, sections), context)
  return [...stray, ...newComponents(layer, context.root)]
}

/** A release holds the same components everywhere (R-A02, R-A05), so an environment cannot bring one of its own. */
function newComponents(layer: MapNode, root: MapNode): readonly Finding[] {
  const [own, all] = [layer.entries.get('components'), root.entries.get('components')]
  if (own?.kind !== 'map' || all?.kind !== 'map') return []
  return [...own.entries]
    .filter(([key]) => !all.entries.has(key))
    .map(([key, node]) => {
      const near = nearest(key, [...all.entries.keys()])
      const suggestion = near ? say`did you mean "${near}"?` : say`declare it: components: { ${key}: {} }`
      const message = say`the component "${key}" is not declared under \`components\` at the top level`
      return { at: node.keyAt, path: node.path, message, suggestion }
    })
}

function missingComponents(root: MapNode): Finding {
  const message = say`components is missing: expected a map of what is released`
  return { at: root.keyAt, path: [], message, suggestion: say`for example \`components: { api: {} }\`` }
}

function strayKeys(map: MapNode, known: readonly string[]): readonly string[] {
  return [...map.entries.keys()].filter((key) => !known.includes(key) && !key.startsWith('x-'))
}

function ownLayers(root: MapNode): readonly (readonly [string, MapNode])[] {
  const environments: TreeNode | undefined = nodeAt(root, ['environments'])
  if (environments?.kind !== 'map') return []
  return [...environments.entries].flatMap(([name, node]) => (node.kind === 'map' ? [[name, node] as const] : []))
}
