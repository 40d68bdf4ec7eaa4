/** The parts of a control plane, started in the order in which they need each other and ended in reverse. */
import { join } from 'node:path'
import type { Redaction } from '../adapters/command/redact.ts'
import { pgBossQueue } from '../adapters/job-queue/pg-boss.ts'
import type { Plan } from '../core/plan.ts'
import type { ControlPlane, Health } from '../engine/control-plane.ts'
import { createControlPlane } from '../engine/create-control-plane.ts'
import { createEngine } from '../engine/engine.ts'
import type { Log } from '../ports/log.ts'
import { keptRehearsals } from '../engine/rehearsals.ts'
import type { Engine, EngineOptions } from '../engine/running.ts'
import type { Contents } from '../ports/contents.ts'
import type { JobQueue } from '../ports/job-queue.ts'
import type { Store } from '../ports/store.ts'
import { giveUpHost, type Host, orphanedHosts, takeOverHost } from '../store/postgres/hosts.ts'
import { openPostgresStore, type PostgresStore } from '../store/postgres/index.ts'
import { openAuditKey } from '../store/audit/key.ts'
import { createContents } from '../adapters/artifact-store/receive.ts'
import { endLeftovers, markOfData } from '../adapters/platform/process/leftovers.ts'
import { createAdapters } from './adapters.ts'
import { openAudit } from './audit.ts'
import { withBorder } from './border.ts'
import { systemClock } from './clock.ts'
import { compileInto, POLICIES, proposePlan } from './compile.ts'
import { type DataPlane, watchDataPlane } from './data-plane.ts'
import type { Disk } from './disk.ts'
import { diskAlarm, type Ground, takeGround } from './ground.ts'
import { warnOfRights } from './doctor-database.ts'
import { createHosts, fromHere, ownHost } from './hosts.ts'
import type { StartOptions } from './start-options.ts'
import { type Serving, tearDown } from './tear-down.ts'
import { createTrust } from './trust.ts'

export type Assembled = {
  readonly controlPlane: ControlPlane
  readonly engine: Engine
  readonly log: Log
  readonly store: Store
  readonly contents: Contents
  /** As the superuser of the embedded database; null where it is another one. */
  readonly adminUrl: string | null
  /** Rejects when the control plane can no longer run. */
  readonly ended: Promise<void>
  /** Tells it where its API came to listen, `http://127.0.0.1:7070`: no service may want that address. */
  listensOn(url: string): void
  stop(graceMs: number): Promise<void>
  /** Ends what rollouts have started as well. */
  tearDown(): Promise<void>
}

/** Unless `up --artifact-limit` says otherwise. */
export const ARTIFACT_BYTES_MAX = 2 * 2 ** 30

type Ends = (() => Promise<unknown>)[]
type Streams = { readonly log: Log; readonly redaction: Redaction }

export async function assemble(options: StartOptions, log: Log, redaction: Redaction): Promise<Assembled> {
  const ends: Ends = []
  try {
    return await put(options, { log, redaction }, ends)
  } catch (error) {
    await endAll(ends, log)
    throw error
  }
}

async function put(options: StartOptions, { log, redaction }: Streams, ends: Ends): Promise<Assembled> {
  const { database, disk, ended } = await takeGround(options, log, ends)
  const { dataFolder } = options
  const { store, audit } = await openLog(options, { database, log }, ends)
  const dataPlane = watchDataPlane({ dataFolder, clock: systemClock, log })
  ends.push(() => dataPlane.stop())
  const here = await hereOf(options, store, log)
  const adapters = fromHere(adaptersFor(options, { store, log, redaction }, ends), here.hosts)
  const queue = queueOn(store, database.connectionString, log)
  const shared: EngineOptions = { store, queue, log, clock: systemClock, adapters, host: here.engineHost }
  const engine = createEngine(shared)
  const health = () => healthOf(store, dataPlane, disk)
  const own = ownAddress()
  const compile = compileInto(dataFolder)
  const contents = contentsFor(options, ends)
  const asked = { engine, contents, audit, compile, health, ownAddress: own.read, policies: POLICIES, proposePlan }
  const standing = { ownAlarm: () => diskAlarm(disk), claimHere: here.claimHere }
  const controlPlane = createControlPlane({ ...shared, ...asked, ...standing })
  const stop = (graceMs: number) => engine.stop(graceMs).then(() => endAll(ends, log))
  const { adminUrl } = database
  const parts = { controlPlane, contents, engine, log, store, adminUrl, ended, listensOn: own.set, stop }
  return {
    ...parts,
    tearDown: () => endServing({ store, adapters, dataPlane, endStrays: () => endStrays(dataFolder) }, here.host),
  }
}

function contentsFor({ dataFolder, artifactBytesMax = ARTIFACT_BYTES_MAX }: StartOptions, ends: Ends): Contents {
  const folder = join(dataFolder, 'artifacts')
  const contents = createContents({ folder, bytesMax: artifactBytesMax, now: () => systemClock.now() })
  ends.push(() => contents.close())
  return contents
}

/** Where something goes on, the host keeps what it has: another one must not start it beside. */
async function endServing(serving: Serving & { readonly store: PostgresStore }, host: Host): Promise<void> {
  await tearDown(serving)
  await giveUpHost(serving.store.sql, host)
}

/** The log, held against what is kept of it outside of the database before anything is read from it. */
async function openLog(options: StartOptions, on: { database: Ground['database']; log: Log }, ends: Ends) {
  const { dataFolder, anchors = [], acceptLog: accept = null, decorateStore = (plain) => plain } = options
  const { database, log } = on
  const { connectionString, migrationUrl } = database
  const key = await openAuditKey(join(dataFolder, 'keys'))
  const trust = createTrust({ key, dataFolder, anchors, accept, log })
  const store = decorateStore(await openPostgresStore({ connectionString, migrationUrl, guard: trust.guard }))
  ends.push(() => store.close())
  await warnOfRights(store.sql, connectionString, log)
  await trust.begin(store)
  const audit = openAudit({ store, trust, key, log })
  ends.push(() => audit.stop())
  return { store, audit }
}

/** What carries the mark of this data folder's instances and is in no slot that anybody knows of. */
function endStrays(dataFolder: string): Promise<string | null> {
  return endLeftovers(markOfData(dataFolder))
}

async function hereOf(options: StartOptions, store: PostgresStore, log: Log) {
  const host = ownHost(options.dataFolder)
  const taken = await takeOver(options, store, { host, log })
  const hosts = createHosts(store.sql, host)
  const other = async (plan: Plan) => (await hosts.elsewhere(plan))?.id ?? null
  const orphans = () => orphanedHosts(store.sql)
  const engineHost = { ids: [host.id, ...taken], other, orphans }
  const claimHere = async (plan: Plan) => (await hosts.claim(plan))?.name ?? null
  return { host, hosts, engineHost, claimHere }
}

/** What a host that is gone had: said by a person, never guessed. */
async function takeOver({ takeOver: from }: StartOptions, store: PostgresStore, { host, log }: Here) {
  if (from === undefined || from === null) return []
  const { environments, hosts } = await takeOverHost(store.sql, host, from)
  log.warn('environments of another host are ours now', { from, to: host.name, environments })
  return hosts
}

type Here = { readonly host: Host; readonly log: Log }

/** Known only once the API listens, since port 0 takes a free one. */
function ownAddress() {
  let address: string | null = null
  return {
    read: () => address,
    set(url: string) {
      const { hostname, port } = new URL(url)
      address = `${hostname}:${port || 80}`
    },
  }
}

function queueOn(store: PostgresStore, connectionString: string, log: Log): JobQueue {
  const told = (message: string, error?: unknown) =>
    log.warn('job queue', { message, error: error instanceof Error ? error.message : error })
  return pgBossQueue({ connectionString, store, log: told })
}

type Outside = Streams & { readonly store: Store }

function adaptersFor(
  { dataFolder, environment = process.env, decorate = (adapters) => adapters }: StartOptions,
  { store, log, redaction }: Outside,
  ends: Ends,
) {
  const records = { rehearsals: (service: string, name: string) => keptRehearsals(store, service, name) }
  const adapters = createAdapters({ dataFolder, environment, clock: systemClock, log, redaction, records })
  ends.push(async () => adapters.close())
  return withBorder(decorate(adapters), redaction.redact)
}

async function healthOf(store: PostgresStore, dataPlane: DataPlane, disk: Disk): Promise<Health> {
  const checks = await Promise.all([
    check('database', async () => `${await store.size()} events`),
    check('log', async () => {
      const doubts = store.doubts()
      if (doubts !== null) throw new Error(`cannot be trusted, nothing advances: ${doubts}`)
      return 'follows from its checkpoints'
    }),
    check('router', async () => {
      const client = await dataPlane.client()
      const health = await client.health()
      return health.ok ? health.value.status : health.problem.title
    }),
    check('disk', async () => roomOn(disk)),
  ])
  return { ok: checks.every(({ ok }) => ok), checks }
}

function roomOn(disk: Disk): string {
  const { level, detail } = disk.state()
  if (level === 'ok') return detail
  throw new Error(detail)
}

async function check(name: string, look: () => Promise<string>) {
  try {
    return { name, ok: true, detail: await look() }
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : String(error) }
  }
}

/** Last started, first ended; one that fails does not keep the others from ending. */
async function endAll(ends: Ends, log: Log): Promise<void> {
  for (const end of ends.toReversed())
    await end().catch((error) => log.error('ending a part failed', { error: String(error) }))
}
