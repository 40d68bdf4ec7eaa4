/** What the fault tests play on: control planes as processes, services that are released, users, and the log as a witness. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { groupMembers, signalGroup } from '../../src/adapters/command/process-group.ts'
import { livingSupervisor } from '../../src/adapters/platform/process/claim.ts'
import { readSlotRecord } from '../../src/adapters/platform/process/record.ts'
import type { Slot } from '../../src/core/observed.ts'
import type { Recorded, RolloutEvent } from '../../src/core/rollout/events.ts'
import type { RolloutView } from '../../src/core/views.ts'
import { viewOf } from '../../src/core/rollout/view.ts'
import { systemClock } from '../../src/composition/clock.ts'
import { rollouts } from '../../src/core/rollout/aggregate.ts'
import { fold } from '../../src/engine/streams.ts'
import { livingHolder } from '../../src/router/guard/lock.ts'
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/index.ts'
import { until } from '../../src/testing/until.ts'
import type { PlaneArguments } from './control-plane.ts'
import { type Behaviour, buildService, type SpecChange, specOf } from './service.ts'

export type Plane = {
  readonly pid: number
  readonly url: string
  readonly token: string
  readonly child: ChildProcess
  /** What it has logged, for the message of a failed test. */
  log(): string
}

export type Event = Recorded<RolloutEvent>

export type Stage = {
  readonly dataFolder: string
  plane(): Promise<Plane>
  /** Asks `plane` to release a build that behaves so; answers the rollout's id. */
  release(...of: readonly [Plane, service: string, version: string, Behaviour, SpecChange?]): Promise<string>
  call(plane: Plane, path: string, body?: unknown): Promise<unknown>
  events(id: string): Promise<readonly Event[]>
  /** Folded out of the log, which is there whatever became of the control planes. */
  view(id: string): Promise<RolloutView>
  /** Waits until the rollout is as `wanted`; a rollout that ends otherwise fails the wait at once. */
  reaches(id: string, what: string, wanted: (view: RolloutView) => boolean, timeoutMs?: number): Promise<RolloutView>
  ends(id: string): Promise<RolloutView>
  slotFolder(service: string, slot: Slot): string
  routerPid(): number | null
  /** Supervisors and groups of instances that live, by pid. */
  processes(
    service: string,
    slot?: Slot,
  ): { readonly supervisors: readonly number[]; readonly instances: readonly number[] }
  clear(): Promise<void>
}

/** `migrationUrl`: as the owner of the tables, where `databaseUrl` names another role. */
export type StageOptions = { readonly databaseUrl: string; readonly migrationUrl?: string }

const PROGRAM = new URL('./control-plane.ts', import.meta.url).pathname

export async function setStage({ databaseUrl, migrationUrl }: StageOptions): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'stellwerk-faults-'))
  await chmod(folder, 0o755)
  const dataFolder = join(folder, 'data')
  const planes: Plane[] = []
  let store: PostgresStore | null = null
  const access = { connectionString: databaseUrl, migrationUrl: migrationUrl ?? null }
  const opened = async () => (store ??= await openPostgresStore(access))

  const events = async (id: string) => (await (await opened()).read(id)) as unknown as readonly Event[]
  const view = async (id: string) => {
    const state = fold(rollouts, (await events(id)) as never)
    if (!state) throw new Error(`there is no rollout ${id}`)
    return viewOf(state, systemClock.now())
  }
  const reaches: Stage['reaches'] = async (id, what, wanted, timeoutMs = 90_000) => {
    const seen = await until<RolloutView | null>(
      `${id} ${what}`,
      async () => {
        const now = await view(id)
        return wanted(now) || now.final ? now : null
      },
      { timeoutMs, everyMs: 100 },
    ).catch(async (error: Error) => {
      const last = await view(id).catch(() => null)
      const lines = planes.map(({ log }) => log().slice(-2000)).join('\n--\n')
      throw new Error(`${error.message}\nview: ${JSON.stringify(last, null, 1)}\nlogs: ${lines}`)
    })
    if (!seen || !wanted(seen)) throw new Error(`${id} was to be ${what}, and is ${seen?.phase}: ${seen?.reason}`)
    return seen
  }
  const call: Stage['call'] = async ({ url, token }, path, body = {}) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`)
    return JSON.parse(text)
  }
  const slotFolder: Stage['slotFolder'] = (service, slot) => join(dataFolder, 'slots', service, 'prod', 'api', slot)
  return {
    dataFolder,
    events,
    view,
    reaches,
    call,
    slotFolder,
    ends: (id) => reaches(id, 'ended', ({ final }) => final),
    plane: async () => {
      const plane = await startPlane({ dataFolder, databaseUrl, migrationUrl: access.migrationUrl, port: 0 })
      planes.push(plane)
      return plane
    },
    release: async (...[plane, service, version, behaviour, change]) => {
      const artifact = await buildService(join(folder, 'builds', service), version, behaviour)
      const spec = { text: specOf(service, change), file: 'stellwerk.yaml', folder }
      const asked = await call(plane, '/rollouts', { spec, environment: 'prod', artifact, flags: {} })
      return (asked as RolloutView).id
    },
    routerPid: () => livingHolder(join(dataFolder, 'router'))?.pid ?? null,
    processes: (service, slot) => slotProcesses(dataFolder, `${service}/prod/api/${slot ?? '*'}`),
    clear: async () => {
      await Promise.all(planes.map(endPlane))
      await store?.close()
      await endDataPlane(dataFolder)
      execFileSync('chmod', ['-R', 'u+w', folder])
      execFileSync('rm', ['-rf', folder])
    },
  }
}

async function startPlane(given: PlaneArguments): Promise<Plane> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(given)], { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-20_000)))
  const first = Promise.race([
    once(createInterface(child.stdout), 'line').then(([line]) => line as string),
    once(child, 'exit').then(() => Promise.reject(new Error(`the control plane did not start:\n${log}`))),
  ])
  const { url, token } = JSON.parse(await first) as { url: string; token: string }
  return { pid: child.pid as number, url, token, child, log: () => log }
}

/** As a crash would: without a chance to do anything. */
export async function killPlane({ child }: Plane): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

async function endPlane(plane: Plane): Promise<void> {
  if (plane.child.exitCode === null && plane.child.signalCode === null) await killPlane(plane)
}

function slotProcesses(dataFolder: string, pattern: string) {
  const folders = globSync(`slots/${pattern}/slot.json`, { cwd: dataFolder }).map((path) =>
    join(dataFolder, dirname(path)),
  )
  const supervisors = folders.flatMap((folder) => livingSupervisor(folder)?.pid ?? [])
  const leaders = folders.flatMap((folder) => readSlotRecord(folder)?.instances ?? [])
  const instances = leaders.flatMap(({ process }) => (process ? groupMembers(process.pid) : []))
  return { supervisors, instances }
}

/** Supervisors first, so that nobody starts again what is ended after them. */
async function endDataPlane(dataFolder: string): Promise<void> {
  const { supervisors, instances } = slotProcesses(dataFolder, '*/*/*/*')
  for (const pid of supervisors) process.kill(pid, 'SIGKILL')
  await until('the supervisors to be gone', () => slotProcesses(dataFolder, '*/*/*/*').supervisors.length === 0)
  const left = new Set([...instances, ...slotProcesses(dataFolder, '*/*/*/*').instances])
  for (const pid of left) killGroup(pid)
  const router = livingHolder(join(dataFolder, 'router'))
  if (router) process.kill(router.pid, 'SIGTERM')
  await until('the router to be gone', () => livingHolder(join(dataFolder, 'router')) === null)
}

export function killGroup(pid: number): void {
  const group = Number(/\) \S+ \d+ (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])
  if (group > 1) signalGroup(group, 'SIGKILL')
}
