import type { SecretReference } from '../core/plan.ts'

/** What an adapter says before anything runs, from its options alone. */
export type Description = {
  /** `example.org`, `prometheus:9090`: what it may reach over HTTP beside the hosts of addresses that are secrets. */
  readonly hosts: readonly string[]
  /** Every secret that it will read. */
  readonly secrets: readonly SecretReference[]
}

export const NOTHING_OUTSIDE: Description = { hosts: [], secrets: [] }
