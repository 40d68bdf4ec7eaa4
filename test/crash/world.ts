/** A database, a data folder, a control plane, users: one release after the other can be taken through a death here. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RolloutState } from '../../src/core/rollout/state.ts'
import type { RolloutView } from '../../src/core/views.ts'
import { rollouts } from '../../src/core/rollout/aggregate.ts'
import { stateOf } from '../../src/engine/streams.ts'
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/index.ts'
import { testDatabase } from '../../src/testing/postgres.ts'
import { until } from '../../src/testing/until.ts'
import type { Boundary } from './control-plane-process.ts'
import { instancesOf, standingIn, watchInstances } from './instances.ts'
import { type Load, startLoad } from './load.ts'
import { type Held, holdControlPlane } from './process.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { type Build, buildRequest, INSTANCES } from './service.ts'

export type World = {
  readonly id: string
  readonly folder: string
  readonly held: Held
  readonly store: PostgresStore
  readonly receiver: Receiver
  readonly doubled: readonly string[]
  load: Load | null
  /** Answers 500 before the release under way began: a bad one's, which came before it. */
  badBefore: number
  /** Releases `build`, dying at `dieAt`, and answers its state once nothing is left to be done. */
  release(build: Build, dieAt: Boundary | null): Promise<RolloutState>
  get(path: string): Promise<unknown>
  log(): Promise<string>
  close(): Promise<void>
}

const PER_SECOND = 40
const ROLLOUT_LIMIT_MS = 150_000

export async function openWorld(): Promise<World> {
  const id = randomBytes(6).toString('hex')
  const folder = await mkdtemp(join(tmpdir(), 'stellwerk-crash-'))
  const [database, receiver] = await Promise.all([testDatabase(), startReceiver()])
  const held = holdControlPlane(folder, database.connectionString)
  await held.contact()
  const store = await openPostgresStore({ connectionString: database.connectionString, maxConnections: 2 })
  const watch = watchInstances(id, INSTANCES)
  const world: World = {
    id,
    folder,
    held,
    store,
    receiver,
    doubled: watch.seen,
    load: null,
    badBefore: 0,
    release: (build, dieAt) => release(world, build, dieAt),
    // A death at the last boundary may come just now.
    get: (path) => until(path, () => call(held, path, {}), { timeoutMs: 30_000 }),
    log: () => readFile(join(folder, 'control-plane.log'), 'utf8'),
    close: async () => {
      watch.stop()
      await world.load?.stop()
      await held.end()
      await endProcesses(id, folder)
      await store.close()
      await receiver.close()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return world
}

async function release(world: World, build: Build, dieAt: Boundary | null): Promise<RolloutState> {
  const { folder, id, receiver, held } = world
  const body = JSON.stringify(await buildRequest(build, { folder, world: id, receiver: receiver.url }))
  await held.watch(dieAt)
  world.badBefore = world.load?.counters.bad ?? 0
  const asked = await until('the request is taken', () => request(held, body, build.version), { timeoutMs: 30_000 })
  const visits = visitsOf(world, asked.id)
  const done = async () => {
    world.load ??= await loadOnce(world, asked.id)
    await visits.begin()
    return settled(world, asked.id)
  }
  const limits = { timeoutMs: ROLLOUT_LIMIT_MS, everyMs: 50 }
  const state = (await until(`${asked.id} has ended`, done, limits).catch(async (error: Error) => {
    await visits.end()
    throw new Error([error.message, ...(await story(world, asked.id))].join('\n'))
  })) as RolloutState
  await visits.end()
  // A death at the very last commit comes after the end that we see.
  if (dieAt) await until('the death', () => held.death(), { timeoutMs: 500 }).catch(() => undefined)
  await held.contact()
  return state
}

/**
 * Users of what comes and goes: without them it could not be judged. Nobody was there before or is there afterwards, so that
 * none of their requests is counted as lost.
 */
function visitsOf({ store }: World, id: string) {
  const loads = new Map<string, Load>()
  return {
    async begin() {
      const row = await store.row(id)
      const routes = (row && stateOf(rollouts, row)?.routes) ?? {}
      for (const [component, { value }] of Object.entries(routes))
        if (component !== 'api' && value.generation > 0 && !loads.has(component))
          loads.set(component, startLoad(value.url, PER_SECOND))
    },
    async end() {
      for (const load of loads.values()) await load.stop()
    },
  }
}

/** Users come as soon as all of them would be served, and stay until the world ends. */
async function loadOnce(world: World, id: string): Promise<Load | null> {
  const { serving, version } = await viewOf(world, id)
  const [api] = serving
  return api?.url && api.text === `${version} 100 %` ? startLoad(api.url, PER_SECOND) : null
}

export async function viewOf(world: World, id: string): Promise<RolloutView> {
  return (await world.get(`rollouts/${id}`)) as RolloutView
}

/** As a person's command line does it: asked again under the same key when the answer was lost. */
async function request(held: Held, body: string, key: string): Promise<RolloutView> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key }
  return (await call(held, 'rollouts', { method: 'POST', headers, body })) as RolloutView
}

async function call(held: Held, path: string, init: RequestInit): Promise<unknown> {
  const { url, token } = await held.contact()
  const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}` }
  const answer = await fetch(`${url}/api/v1/${path}`, { ...init, headers, signal: AbortSignal.timeout(10_000) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
  return JSON.parse(text)
}

/** Ended, the spare slot gone, and nothing under way; after a death a message may be repeated half a minute later. */
async function settled({ store, held }: World, id: string): Promise<RolloutState | null> {
  const row = await store.row(id)
  const state = row && stateOf(rollouts, row)
  if (!state || !['finalized', 'rolled-back', 'aborted', 'needs-human'].includes(state.status)) return null
  const busy = state.pending.some(({ command }) => command.type !== 'Notify' || !held.death())
  return busy || (state.status === 'finalized' && !state.windowClosed) ? null : state
}

/** Ends supervisors, instances and the router of this world, found by where they work, and waits until they are gone. */
async function endProcesses(id: string, folder: string): Promise<void> {
  const all = () => [...standingIn(folder).all, ...instancesOf(id).map(({ pid }) => pid)]
  for (const pid of all()) kill(pid)
  await until('every process of this world is gone', () => {
    for (const pid of all()) kill(pid)
    return all().length === 0
  })
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** What a reader of a failure needs: the stream without what repeats, and what the control plane logged. */
export async function story({ store, log }: World, id: string): Promise<readonly string[]> {
  const told = (await store.read(id)).filter(({ type }) => !['MetricsObserved', 'Judged'].includes(type))
  const lines = told.map(
    ({ version, at, type, data }) => `${version} ${at} ${type} ${JSON.stringify(data).slice(0, 300)}`,
  )
  return [...lines.slice(-60), await log()]
}
