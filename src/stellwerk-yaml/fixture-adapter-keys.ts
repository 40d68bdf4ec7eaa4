/**
 * For the test of an adapter: every key of its options, each with another value, changes the plan of a spec that holds it. What
 * else has to stand in the spec for an adapter of its port stands here, so that a new adapter has nothing to add.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { API, BOTH_NAMED, type Group, type Patch, QUERY } from './fixture-keys.ts'
import { changesOf, keysByTable } from './fixture-plan-of-keys.ts'

/** Beside `kind`. */
type Written = Readonly<Record<string, unknown>>

export type AdapterKeys = {
  readonly port: keyof typeof PLACES
  readonly kind: string
  /** What people write: compiles. */
  readonly written: Written
  /** `{ stopGrace: ['3s'] }`: the other value of each key, and what is written instead of `written` where the key needs it. */
  readonly keys: Readonly<Record<string, readonly [to: unknown, instead?: Written]>>
}

/** Where an adapter of a port stands: as the reference page calls it, and in the spec of the tests. */
type Place = { readonly key: string; readonly patch: (adapter: Written) => Patch }

const PLACES = {
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
} as const satisfies Readonly<Record<string, readonly Place[]>>

export function adapterKeys({ port, kind, written, keys }: AdapterKeys): void {
  describe(`every key of the ${port} adapter ${kind} changes the plan`, () => {
    for (const { key: place, patch } of PLACES[port]) {
      it(`as \`${place}\``, () => {
        const other = Object.entries(keys).map(([key, [to, instead]]) => {
          return [`${place}.${key}`, [to, instead ? patch({ kind, ...instead }) : {}]] as const
        })
        const group: Group = { beside: patch({ kind, ...written }), keys: Object.fromEntries(other) }
        const ofSchema = keysByTable().get(`\`${place}\` with \`kind: ${kind}\``)
        assert.deepEqual(Object.keys(group.keys).toSorted(), ofSchema?.toSorted(), 'another value for each key')
        for (const { key, before, after } of changesOf(group)) assert.notEqual(after, before, `${key} has no effect`)
      })
    }
  })
}
