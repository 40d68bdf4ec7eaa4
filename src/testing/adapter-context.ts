/** For tests of adapters: a context in which nothing is there but what the test gives. */
import type { AdapterContext, Http } from '../ports/adapter.ts'
import { instant } from '../core/time.ts'
import { failure, ok, type Result } from '../ports/result.ts'
import type { Secrets } from '../ports/secrets.ts'

const elsewhere: Http = async (url) => {
  return { ok: false, kind: 'permanent', why: 'elsewhere', message: `this test gave no http to reach ${String(url)}` }
}

/** Secrets by the name in their references: `{ CHAT: 'https://…' }`. */
export function secretsOf(values: Readonly<Record<string, string | Result<string>>>): Secrets {
  return {
    read: async ({ name }) => {
      const value = values[String(name)] ?? failure('permanent', `the variable ${String(name)} is not set`)
      return typeof value === 'string' ? ok(value) : value
    },
  }
}

/** A clock that stands at `now`, no secrets, nothing recorded, no way out; `changes` are what the test is about. */
export function adapterContext(changes: Partial<AdapterContext> = {}): AdapterContext {
  return {
    target: { service: 'shop', environment: 'prod', component: 'api' },
    secrets: { read: async () => failure('permanent', 'there are no secrets here') },
    http: elsewhere,
    run: async () => failure('permanent', 'nothing is run here'),
    clock: { now: () => instant(0), sleepUntil: async () => undefined },
    artifacts: { digestOf: async () => failure('permanent', 'there are no artifacts here') },
    records: { rehearsals: async () => [] },
    router: async () => null,
    host: { dataFolder: '/nowhere', environment: {} },
    log: { info: () => undefined, warn: () => undefined },
    redact: (text) => text,
    signal: new AbortController().signal,
    ...changes,
  }
}
