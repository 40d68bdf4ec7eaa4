/**
 * For tests: the keys of every adapter, each with another value, out of the adapter's own folder: `fixture-keys.ts` beside its
 * code. What else has to stand in the spec for an adapter of its port stands here, so that a new adapter has nothing to add.
 */
import { globSync } from 'node:fs'
import { join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { API, BOTH_NAMED, type Group, type Patch, QUERY } from './fixture-keys.ts'

/** Beside `kind`. */
type Written = Readonly<Record<string, unknown>>

export type AdapterKeys = {
  /** What people write: compiles. */
  readonly written: Written
  /** `{ stopGrace: ['3s'] }`: the other value of each key, and what is written instead of `written` where the key needs it. */
  readonly keys: Readonly<Record<string, readonly [to: unknown, instead?: Written]>>
}

/** Where an adapter of a port stands: as the reference page calls it, and in the spec of the tests. */
type Place = { readonly key: string; readonly patch: (adapter: Written) => Patch }

const PLACES: Readonly<Record<string, readonly Place[]>> = {
  platform: [{ key: 'components.NAME.platform', patch: (adapter) => ({ [`${API}.platform`]: adapter }) }],
  router: [{ key: 'components.NAME.router', patch: (adapter) => ({ [`${API}.router`]: adapter }) }],
  gate: [{ key: 'gates[]', patch: (adapter) => ({ gates: [adapter] }) }],
  notifier: [{ key: 'notify[].to', patch: (adapter) => ({ ...BOTH_NAMED, 'notify.0': { on: 'P1', to: adapter } }) }],
  // A query gives a source something to do that counts nothing by itself.
  metrics: [
    {
      key: 'metrics',
      patch: (adapter) => ({
        ...BOTH_NAMED,
        'analysis.rules.1': { ...QUERY, max: 1, unit: 'number' },
        metrics: adapter,
      }),
    },
  ],
  secrets: [
    { key: 'components.NAME.secrets.NAME', patch: (adapter) => ({ [`${API}.secrets.TOKEN`]: adapter }) },
    { key: 'secrets.NAME', patch: (adapter) => ({ 'secrets.CHAT': adapter }) },
  ],
}

/** By the titles of the reference's tables. */
export async function adapterGroups(): Promise<Readonly<Record<string, Group>>> {
  const root = join(import.meta.dirname, '../adapters')
  const files = globSync('*/*/fixture-keys.ts', { cwd: root }).toSorted()
  const groups = await Promise.all(
    files.map(async (file) => {
      const [port = '', kind = ''] = file.split(sep)
      const { keys } = (await import(pathToFileURL(join(root, file)).href)) as { readonly keys: AdapterKeys }
      return (PLACES[port] ?? []).map((place) => groupOf(place, kind, keys))
    }),
  )
  return Object.fromEntries(groups.flat())
}

function groupOf({ key: place, patch }: Place, kind: string, { written, keys }: AdapterKeys): readonly [string, Group] {
  const changes = Object.entries(keys).map(([key, [to, instead]]) => {
    return [`${place}.${key}`, [to, instead ? patch({ kind, ...instead }) : {}]] as const
  })
  const group: Group = { beside: patch({ kind, ...written }), keys: Object.fromEntries(changes) }
  return [`\`${place}\` with \`kind: ${kind}\``, group]
}
