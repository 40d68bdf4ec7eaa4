/** A control plane as `up` puts it together, on a real database and with a simulated world outside. */
import { join } from 'node:path'
import { Client } from 'pg'
import type { Clock } from '../../src/ports/clock.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import { createTokenStore } from '../../src/adapters/identity/token-store.ts'
import { createTokens } from '../../src/adapters/identity/tokens.ts'
import { pgBossQueue } from '../../src/adapters/job-queue/pg-boss.ts'
import { openAudit } from '../../src/composition/audit.ts'
import { systemClock } from '../../src/composition/clock.ts'
import { type Acceptance, createTrust, type Trust } from '../../src/composition/trust.ts'
import type { Plan } from '../../src/core/plan.ts'
import type { Actor } from '../../src/core/rollout/inputs.ts'
import type { Instant } from '../../src/core/time.ts'
import type { ControlPlane, PlanRequest } from '../../src/engine/control-plane.ts'
import { createControlPlane } from '../../src/engine/create-control-plane.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { silent } from '../../src/ports/log.ts'
import type { Engine } from '../../src/engine/running.ts'
import type { Tokens } from '../../src/ports/identity.ts'
import { openAuditKey } from '../../src/store/audit/key.ts'
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/index.ts'
import { planFor } from '../../src/testing/plans.ts'
import { until } from '../../src/testing/until.ts'

export const ALEX: Actor = { id: 'person:alex', roles: ['release-captain'] }
export const MIA: Actor = { id: 'person:mia', roles: ['maintainer'] }

/** v1 is live after a second, with nothing to compare it with; v2 waits for an approval. */
export const LIVE = planFor({
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
export const WAITING: Plan = {
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
  readonly accept?: Acceptance
  readonly anchors?: readonly string[]
  /** Default: v1 goes live, every other version waits for an approval. */
  readonly planned?: (request: PlanRequest) => Plan
  /** Nothing is driven, and the clock stands: whoever asks again hears the same. */
  readonly asleepAt?: Instant
}

export async function openHouse(opening: Opening): Promise<House> {
  const { connectionString, migrationUrl = null, dataFolder, adapters, accept, anchors = [], asleepAt } = opening
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
  const clock = asleepAt === undefined ? systemClock : standing(asleepAt)
  const shared = { store, queue, clock, adapters, log: silent, sweepMs: 200 }
  const engine = createEngine(shared)
  const audit = openAudit({ store, trust, key, log: silent })
  const { planned = ({ artifact }) => (artifact.version === 'v1' ? LIVE : WAITING) } = opening
  const controlPlane = createControlPlane({
    ...shared,
    engine,
    audit,
    compile: async (request) => {
      const { version } = request.artifact
      return { ok: true, value: { plan: planned(request), planHash: `hash of ${version}`, identity: version } }
    },
    health: async () => ({ ok: true, checks: [] }),
  })
  const tokens = createTokens({
    store: createTokenStore({ store, clock: systemClock }),
    now: () => systemClock.now(),
  })
  if (asleepAt === undefined) await engine.start()
  const stop = async () => {
    await audit.stop()
    await engine.stop(1000)
    await store.close()
  }
  return { store, trust, engine, controlPlane, tokens, stop }
}

/** A clock that stands: nobody's time is ever over. */
function standing(at: Instant): Clock {
  const sleepUntil: Clock['sleepUntil'] = (_, signal) =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  return { now: () => at, sleepUntil }
}

type Statement = readonly [string, ...(readonly unknown[])] | string

/** With the whole power over the database, triggers included. */
export async function writeAs(connectionString: string, statements: readonly Statement[]): Promise<void> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    await client.query('set session_replication_role = replica')
    for (const statement of statements) {
      const [text, ...values] = typeof statement === 'string' ? [statement] : statement
      await client.query(text, values as unknown[])
    }
  } finally {
    await client.end()
  }
}

const approved = { approval: 'maintainer', role: 'maintainer', by: 'person:mia', planHash: 'hash of v2' }
export const forgedApproval = { ...approved, identity: 'v2', expiresAt: 9_999_999_999_999 }

/** As the control plane appends: with a leaf that fits, and a tree that does. */
export function appending(stream: string, version: number, type: string, data: object) {
  const at = Date.now()
  const before = `{"actor":"person:mia","at":${at},"data":`
  const after = `,"stream":"${stream}","type":"${type}","version":${version}}`
  const text = JSON.stringify(Object.fromEntries(Object.entries(data).toSorted(([a], [b]) => (a < b ? -1 : 1))))
  const event = { stream, version, at, actor: 'person:mia', type, data: text, before, after }
  return ['select stellwerk.append($1::json)', JSON.stringify([event])] as const
}

type Forged = { readonly id: string; readonly type: string; readonly data: object }

/** After the newest event of the stream, whichever that is; the row says that it has to be folded again. */
export function forgeIn(store: PostgresStore, connectionString: string, { id, type, data }: Forged): Promise<unknown> {
  return until(`${type} is forged`, async () => {
    const { version } = (await store.row(id))!
    const row = ['update stellwerk.streams set version = $2, state = null where stream = $1', id, version + 1] as const
    await writeAs(connectionString, [appending(id, version + 1, type, data), row])
    return true
  })
}
