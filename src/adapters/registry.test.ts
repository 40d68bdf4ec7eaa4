/** Whoever stands in the registry is tested as an adapter: the contract that all share, and that of its port where there is one. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { registry } from './registry.ts'

/** The folder of each port. */
const FOLDERS: Readonly<Record<keyof typeof registry, string>> = {
  platforms: 'platform',
  routers: 'router',
  metrics: 'metrics',
  gates: 'gate',
  smoke: 'smoke',
  migrations: 'migration',
  secrets: 'secrets',
  notifiers: 'notifier',
}

/** Those whose options stand in no other file of stellwerk.yaml's schema. */
const WITH_KEYS: ReadonlySet<string> = new Set(['platform', 'router', 'metrics', 'gate', 'secrets', 'notifier'])

for (const [port, adapters] of Object.entries(registry) as [keyof typeof registry, (typeof registry)['gates']][]) {
  for (const { kind } of adapters) {
    test(`${port}: ${kind} lies in a folder of its own, and its test asks the contract of adapters`, () => {
      const path = join(import.meta.dirname, FOLDERS[port], kind, `${kind}.test.ts`)
      const test = readFileSync(path, 'utf8')
      assert.match(test, /^adapterContract\(/m)
      if (WITH_KEYS.has(FOLDERS[port])) assert.match(test, /^adapterKeys\(/m)
    })
  }
}

test('no kind stands twice in a port', () => {
  for (const adapters of Object.values(registry)) {
    const kinds = adapters.map(({ kind }) => kind)
    assert.equal(new Set(kinds).size, kinds.length)
  }
})
