/**
 * Goal: no key of stellwerk.yaml is read and then forgotten (law L10). Method: every key of the schemas is changed in a spec
 * that compiles, and the plan must become another one; and every deadline of the plan is read by somebody who runs it. A key
 * that is new has to be put into the table of fixture-keys.ts; one of an adapter into the file of that name in its folder.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { registry } from '../adapters/registry.ts'
import { planOf } from './fixture.ts'
import { adapterGroups } from './fixture-adapter-keys.ts'
import { API, BASE, type Patch, TABLE } from './fixture-keys.ts'
import { wholeJsonSchema } from './json-schema.ts'
import { rowsOf, variantsOf } from './reference-rows.ts'

/** Every table of the reference with its keys, without those that only hold other keys. */
function groups(): ReadonlyMap<string, readonly string[]> {
  const file = wholeJsonSchema(registry)
  const found = new Map<string, readonly string[]>()
  const { environments: _, ...sections } = file.properties ?? {}
  for (const [name, schema] of Object.entries(sections)) {
    const variants = variantsOf(name, schema, file)
    const own = rowsOf(name, schema, file).map(({ key }) => key)
    const inVariants = variants.map(({ title }) => title)
    const isLeaf = own.length === 0 && variants.length === 0
    if (own.length > 0 || isLeaf) found.set(name, leaves(isLeaf ? [name] : own, inVariants))
    for (const { title, rows } of variants)
      found.set(
        title,
        leaves(
          rows.map(({ key }) => key),
          inVariants,
        ),
      )
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
function planWith(...patches: readonly Patch[]): string {
  const tree: Tree = structuredClone(BASE)
  for (const [path, value] of patches.flatMap((patch) => Object.entries(patch))) put(tree, path, value)
  return JSON.stringify(
    planOf(JSON.stringify({ ...tree, environments: { dev: { components: { api: {}, web: {} } } } }), 'dev'),
  )
}

const TRIED = { ...TABLE, ...(await adapterGroups()) }

describe('every key of stellwerk.yaml', () => {
  const all = groups()

  it('stands in the table, and nothing else does', () => {
    const keysOf = (entries: Iterable<readonly [string, readonly string[]]>) =>
      [...entries].flatMap(([title, keys]) => [title, ...keys.map((key) => `${title}: ${key}`)])
    const wanted = new Set(keysOf(all))
    const present = new Set(keysOf(Object.entries(TRIED).map(([title, { keys }]) => [title, Object.keys(keys)])))
    assert.deepEqual(
      [...wanted.difference(present)],
      [],
      'not in fixture-keys.ts: of the adapter in its folder, else in src/stellwerk-yaml',
    )
    assert.deepEqual([...present.difference(wanted)], [], 'no key of the schema')
    assert.ok(wanted.size > 130)
  })

  for (const [title, { beside: around = {}, keys }] of Object.entries(TRIED)) {
    for (const [key, [to, beside = {}]] of Object.entries(keys)) {
      if (to === undefined) continue
      it(`changes the plan: ${key} (${title})`, () => {
        const before = planWith(around, beside)
        assert.notEqual(planWith(around, beside, { [pathOf(key)]: to }), before)
      })
    }
  }

  it('that is a deadline or wait is read where a plan is run, not only where it is made', () => {
    const root = join(import.meta.dirname, '..')
    const { timings } = JSON.parse(planWith()) as { timings: object }
    const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|^spec\/|^testing\/|^core\/plan\.ts$|fixture/.test(file))
      .map((file) => readFileSync(join(root, file), 'utf8'))
    const unread = Object.keys(timings).filter(
      (name) => !sources.some((text) => new RegExp(`\\b${name}\\b`).test(text)),
    )
    assert.deepEqual(unread, [])
  })
})
