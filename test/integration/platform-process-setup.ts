/** A process platform with a data folder of its own and small services to run on it; everything is gone after the test. */
import { execFileSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { digestTree } from '../../src/adapters/artifact-store/store.ts'
import { groupMembers } from '../../src/adapters/command/process-group.ts'
import { processPlatform } from '../../src/adapters/platform/process/process.ts'
import { livingSupervisor } from '../../src/adapters/platform/process/claim.ts'
import { readSlotRecord } from '../../src/adapters/platform/process/record.ts'
import { SERVER } from '../../src/testing/behaving-service.ts'
import { adapterContext } from '../../src/testing/adapter-context.ts'
import * as lazily from '../../src/composition/lazily.ts'
import type { Slot } from '../../src/core/observed.ts'
import type { Platform, DesiredSlot } from '../../src/ports/platform.ts'
import {
  clear,
  order,
  type PlatformHarness,
  type ServiceBehaviour,
  value,
} from '../../src/testing/platform-contract.ts'
import { until } from '../../src/testing/until.ts'

export const TARGET = { service: 'shop', environment: 'prod', component: 'api' }

export type Given = PlatformHarness & {
  readonly dataFolder: string
  folderOf(slot: Slot): string
  pids(slot: Slot): readonly number[]
  supervisorPid(slot: Slot): number | null
  get(slot: Slot, path: string): Promise<string>
}

type Options = { command?: string; stopGraceMs?: number; hungAfterMs?: number; user?: string }

/** A platform that runs `files` (default: the server above) with `command`. */
export async function givenProcess(
  context: TestContext,
  { files = { 'server.js': SERVER }, ...options }: { files?: Record<string, string> } & Options = {},
): Promise<Given> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'stellwerk-platform-'))
  if (options.user !== undefined) await chmod(dataFolder, 0o711)
  const artifact = await givenArtifact(dataFolder, files)
  const platform = platformOf(dataFolder, options)
  const folderOf = (slot: Slot) => join(dataFolder, 'slots/shop/prod/api', slot)
  const pids = (slot: Slot) =>
    readSlotRecord(folderOf(slot))?.instances.flatMap(({ process }) => process?.pid ?? []) ?? []
  context.after(() => removeAll(platform, dataFolder, folderOf))
  return {
    platform,
    fences: true,
    dataFolder,
    folderOf,
    pids,
    until,
    desired: (release, behaviour) => desiredOf(release, behaviour, artifact),
    again: async () => platformOf(dataFolder, options),
    crash: async (slot) => {
      process.kill(pids(slot)[0]!, 'SIGKILL')
    },
    supervisorPid: (slot) => livingSupervisor(folderOf(slot))?.pid ?? null,
    get: async (slot, path) => {
      const { upstreams } = value(await platform.observe(slot, new AbortController().signal))
      return (await fetch(`http://${upstreams[0]}${path}`)).text()
    },
  }
}

export async function ready(given: Given, slot: Slot = 'blue') {
  return until(`${slot} to be ready`, async () => {
    const seen = value(await given.platform.observe(slot, new AbortController().signal))
    if (seen.ready !== seen.desired || seen.running !== seen.desired) throw new Error(JSON.stringify(seen))
    return seen
  })
}

export async function givenReady(given: Given, release = 'r1') {
  const desired = given.desired(release, 'healthy')
  value(await given.platform.ensure('blue', desired, order()))
  return { desired, seen: await ready(given) }
}

export function platformOf(dataFolder: string, options: Options = {}): Platform {
  const given = { kind: 'process', command: `${process.execPath} server.js`, stopGraceMs: 2000, ...options }
  const { kind, command, stopGraceMs, hungAfterMs = 30_000, user } = given
  const parsed = processPlatform.options.parse({ kind, command, user })
  const context = adapterContext({ target: TARGET, host: { dataFolder, environment: process.env } })
  const planned = { ...parsed, stopGraceMs, hungAfterMs }
  const made = processPlatform.create(planned, context)
  return lazily.platform(processPlatform.describe(planned), () => made)
}

export async function givenArtifact(
  dataFolder: string,
  files: Record<string, string>,
): Promise<DesiredSlot['artifact']> {
  const ref = join(dataFolder, 'built')
  await mkdir(ref, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(ref, name), text, { mode: 0o755 })
  return { ref, digest: value(await digestTree(ref)) }
}

export function desiredOf(
  release: string,
  behaviour: ServiceBehaviour | string,
  artifact: DesiredSlot['artifact'],
): DesiredSlot {
  return {
    release,
    artifact,
    version: `v-${release}`,
    instances: 1,
    environment: { BEHAVIOUR: behaviour },
    health: { live: '/health', ready: '/readiness' },
  }
}

/** Stops what runs, checks that no process is left of it, and removes the folder. */
async function removeAll(platform: Platform, dataFolder: string, folderOf: (slot: Slot) => string): Promise<void> {
  const left: number[] = []
  for (const slot of ['blue', 'green'] as const) {
    if (!existsSync(folderOf(slot))) continue
    const pids = readSlotRecord(folderOf(slot))?.instances.flatMap(({ process }) => process?.pid ?? []) ?? []
    const supervisor = livingSupervisor(folderOf(slot))
    await clear(platform, slot)
    if (supervisor) await until('the supervisor to leave', () => groupMembers(supervisor.pid).length === 0)
    left.push(...pids.flatMap(groupMembers))
  }
  const pipes = globSync('slots/**/*.{out,err}', { cwd: dataFolder })
  execFileSync('chmod', ['-R', 'u+w', dataFolder])
  execFileSync('rm', ['-rf', dataFolder])
  if (left.length > 0) throw new Error(`processes are left over: ${left}`)
  if (pipes.length > 0) throw new Error(`pipes are left over: ${pipes}`)
}
