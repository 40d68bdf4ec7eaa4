/** A control plane as `up` puts it together, on a real database and with a simulated world outside. */
import { join } from 'node:path'
import type { Adapters } from '../../src/ports/adapters.ts'
import { createTokenStore } from '../../src/adapters/identity/token-store.ts'
import { createTokens } from '../../src/adapters/identity/tokens.ts'
import { pgBossQueue } from '../../src/adapters/job-queue/pg-boss.ts'
import { openAudit } from '../../src/control-plane/audit.ts'
import { systemClock } from '../../src/control-plane/clock.ts'
import { createTrust, type Trust } from '../../src/control-plane/trust.ts'
import type { Plan } from '../../src/core/plan.ts'
import type { Actor } from '../../src/core/rollout/inputs.ts'
import type { ControlPlane } from '../../src/engine/control-plane.ts'
import { createControlPlane } from '../../src/engine/create-control-plane.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { silent } from '../../src/engine/log.ts'
import type { Engine } from '../../src/engine/running.ts'
import type { Tokens } from '../../src/ports/identity.ts'
import { openAuditKey } from '../../src/store/audit/key.ts'
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/index.ts'
import { planFor } from '../../src/testing/plans.ts'

export const ALEX: Actor = { id: 'person:alex', roles: ['release-captain'] }
export const MIA: Actor = { id: 'person:mia', roles: ['maintainer'] }

/** v1 is live after a second, with nothing to compare it with; v2 waits for an approval. */
const LIVE = planFor({
  artifact: { ...planFor().artifact, version: 'v1' },
  notify: [{ on: ['P1', 'log-doubted'], to: { kind: 'fake' } }],
  analysis: { rules: [], minRequests: 0 },
  timings: { ...planFor().timings, tickMs: 200, pollMs: 100 },
  steps: [
    { kind: 'gates' },
    { kind: 'deploy', component: 'api', instances: 2 },
    { kind: 'smoke' },
    { kind: 'shift', weight: 100 },
    { kind: 'verify-live' },
    { kind: 'finalize' },
  ],
})
const WAITING: Plan = {
  ...planFor(),
  timings: LIVE.timings,
  notify: LIVE.notify,
  approvals: [{ id: 'maintainer', role: 'maintainer', at: 'start', people: [] }],
  steps: [{ kind: 'gates' }, { kind: 'approvals' }, ...planFor().steps.slice(1)],
}

export type House = {
  readonly store: PostgresStore
  readonly trust: Trust
  readonly engine: Engine
  readonly controlPlane: ControlPlane
  readonly tokens: Tokens
  readonly stop: () => Promise<void>
}

export type Opening = {
  readonly connectionString: string
  readonly migrationUrl?: string
  readonly dataFolder: string
  readonly adapters: Adapters
  readonly accept?: string
  readonly anchors?: readonly string[]
}

export async function openHouse(opening: Opening): Promise<House> {
  const { connectionString, migrationUrl = null, dataFolder, adapters, accept, anchors = [] } = opening
  const key = await openAuditKey(join(dataFolder, 'keys'))
  const trust = createTrust({ key, dataFolder, anchors, accept: accept ?? null, log: silent })
  const store = await openPostgresStore({ connectionString, migrationUrl, guard: trust.guard })
  try {
    await trust.begin(store)
  } catch (error) {
    await store.close()
    throw error
  }
  const queue = pgBossQueue({ connectionString, store, log: () => undefined })
  const shared = { store, queue, clock: systemClock, adapters, log: silent, sweepMs: 200 }
  const engine = createEngine(shared)
  const audit = openAudit({ store, trust, key, log: silent })
  let next = LIVE
  const controlPlane = createControlPlane({
    ...shared,
    engine,
    audit,
    compile: async ({ artifact }) => {
      next = artifact.version === 'v1' ? LIVE : WAITING
      return { ok: true, value: { plan: next, planHash: `hash of ${artifact.version}`, identity: artifact.version } }
    },
    health: async () => ({ ok: true, checks: [] }),
  })
  const tokens = createTokens({
    store: createTokenStore({ store, clock: systemClock }),
    now: () => systemClock.now(),
  })
  await engine.start()
  const stop = async () => {
    await audit.stop()
    await engine.stop(1000)
    await store.close()
  }
  return { store, trust, engine, controlPlane, tokens, stop }
}
