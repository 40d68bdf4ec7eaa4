/** For tests: every key of stellwerk.yaml as the reference page calls it, and the plan of a spec in which some are changed. */
import { registry } from '../adapters/registry.ts'
import { planOf } from './fixture.ts'
import { API, BASE, type Group, type Patch } from './fixture-keys.ts'
import { wholeJsonSchema } from './json-schema.ts'
import { rowsOf, variantsOf } from './reference-rows.ts'

/** Every table of the reference with its keys, without those that only hold other keys. */
export function keysByTable(): ReadonlyMap<string, readonly string[]> {
  const file = wholeJsonSchema(registry)
  const found = new Map<string, readonly string[]>()
  const { environments: _, ...sections } = file.properties ?? {}
  for (const [name, schema] of Object.entries(sections)) {
    const variants = variantsOf(name, schema, file)
    const own = rowsOf(name, schema, file).map(({ key }) => key)
    const inVariants = variants.map(({ title }) => title)
    const isLeaf = own.length === 0 && variants.length === 0
    if (own.length > 0 || isLeaf) found.set(name, leaves(isLeaf ? [name] : own, inVariants))
    for (const { title, rows } of variants) {
      const keys = rows.map(({ key }) => key)
      found.set(title, leaves(keys, inVariants))
    }
  }
  return found
}

function leaves(keys: readonly string[], variants: readonly string[]): readonly string[] {
  const isInside = (key: string, other: string) => other.startsWith(`${key}.`) || other.startsWith(`${key}[`)
  return keys.filter(
    (key) =>
      !keys.some((other) => isInside(key, other)) &&
      !variants.some((title) => title.startsWith(`\`${key}\``) || isInside(key, title.slice(1))),
  )
}

/** One test for each key of a table: with its other value in the spec the plan is another one. */
export type KeyChange = { readonly key: string; readonly before: string; readonly after: string }

export function changesOf({ beside: around = {}, keys }: Group): readonly KeyChange[] {
  return Object.entries(keys).flatMap(([key, [to, beside = {}]]) => {
    if (to === undefined) return []
    const before = planWith(around, beside)
    return [{ key, before, after: planWith(around, beside, { [pathOf(key)]: to }) }]
  })
}

const NAMES: Readonly<Record<string, string>> = {
  'components.NAME.secrets.NAME': `${API}.secrets.TOKEN`,
  'components.NAME': API,
  'secrets.NAME': 'secrets.CHAT',
}

function pathOf(key: string): string {
  const [from = '', to = ''] = Object.entries(NAMES).find(([name]) => key.startsWith(name)) ?? []
  return `${to}${key.slice(from.length)}`.replaceAll('[]', '.0')
}

type Tree = Record<string, unknown>

function put(tree: Tree, path: string, value: unknown): void {
  const parts = path.split('.')
  const last = parts.pop()!
  const at = parts.reduce<Tree>((node, part) => (node[part] ??= {}) as Tree, tree)
  at[last] = structuredClone(value)
}

/** Nothing but the order of components and what was changed differs between two of these. */
export function planWith(...patches: readonly Patch[]): string {
  const tree: Tree = structuredClone(BASE)
  for (const [path, value] of patches.flatMap((patch) => Object.entries(patch))) put(tree, path, value)
  return JSON.stringify(
    planOf(JSON.stringify({ ...tree, environments: { dev: { components: { api: {}, web: {} } } } }), 'dev'),
  )
}
