/**
 * Stellwerk as its users have it: a folder with a spec, `stellwerk up` in the background with its own data folder and its
 * own PostgreSQL, and the command line. Every word to it goes through a child process or the HTTP API.
 */
import assert from 'node:assert/strict'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type FaultCall } from '../../../examples/lokaltreu/builds.ts'
import { type Database, startDatabase } from '../../../examples/lokaltreu/testing/database.ts'
import { connect, type RouterClient } from '../../../src/router/client.ts'
import type { EnvironmentView, RolloutView } from '../../../src/core/views.ts'
import type { StoredEvent } from '../../../src/ports/store.ts'
import { type CliRun, startCli } from '../../../src/testing/cli-process.ts'
import { temporaryFolder } from '../../../src/testing/temporary-folder.ts'
import { until } from '../../../src/testing/until.ts'
import { endProcessesOf } from './processes.ts'

export type Ended = Awaited<CliRun['ended']>

type Env = Readonly<Record<string, string>>

export type House = {
  /** Holds `stellwerk.yaml`, the builds, and `.stellwerk` with everything the control plane keeps. */
  readonly folder: string
  readonly database: Database
  /** Starts `stellwerk …`; `as` is a token, else the local one is found as a user's command would. */
  start(args: readonly string[], as?: string): CliRun
  run(args: readonly string[], as?: string): Promise<Ended>
  up(): Promise<void>
  /** SIGTERM, as a service manager would, and its exit code. */
  stopUp(): Promise<number | null>
  token(person: string, roles: readonly string[], scopes: readonly string[]): Promise<string>
  get<T>(path: string): Promise<T>
  status(environment: string): Promise<EnvironmentView>
  rollouts(): Promise<readonly RolloutView[]>
  events(): Promise<readonly StoredEvent[]>
  /** The data plane's own word, not the control plane's. */
  router(): Promise<RouterClient>
  end(): Promise<void>
}

export type HouseOptions = {
  readonly spec: string
  readonly builds: readonly string[]
  readonly faults?: Readonly<Record<string, FaultCall>>
  /** Beside the database and the secret of the service. */
  readonly env?: Env
}

const SECRET = 'only-for-tests-0123456789-0123456789'

export async function startHouse({ spec, builds, faults = {}, env = {} }: HouseOptions): Promise<House> {
  const folder = await temporaryFolder('house')
  await writeFile(join(folder, 'stellwerk.yaml'), spec)
  const [database] = await Promise.all([startDatabase(), build(builds, join(folder, 'builds'), faults)])
  const house = houseIn(folder, database, env)
  try {
    await house.up()
  } catch (error) {
    await house.end()
    throw error
  }
  return house
}

function houseIn(folder: string, database: Database, env: Env): House {
  const given = { LOKALTREU_DATABASE_URL: database.url, LOKALTREU_AUTH_SECRET: SECRET, ...env }
  let up: CliRun | null = null
  const start: House['start'] = (args, as) =>
    startCli(args, { cwd: folder, env: { CI: 'true', ...(as && { STELLWERK_TOKEN: as }) } })
  const run: House['run'] = (args, as) => start(args, as).ended
  const get = async <T>(path: string) => ask<T>(folder, path)
  const stopUp = async () => {
    if (!up) return null
    up.child.kill('SIGTERM')
    const { code } = await up.ended
    up = null
    return code
  }
  return {
    folder,
    database,
    start,
    run,
    async up() {
      const args = ['up', '--listen', '127.0.0.1:0', '--log-level', 'error']
      const started = startCli(args, { cwd: folder, env: { CI: 'true', HOME: folder, ...given } })
      up = started
      await until('"stellwerk up" says where it is', () => answered(started), { timeoutMs: 60_000 })
    },
    stopUp,
    async token(person, roles, scopes) {
      const many = [...roles.flatMap((role) => ['--role', role]), ...scopes.flatMap((scope) => ['--scope', scope])]
      const made = await run(['token', 'create', '--name', `token of ${person}`, '--person', person, ...many])
      assert.equal(made.code, 0, made.stderr)
      return made.stdout.trim()
    },
    get,
    status: async (environment) => {
      const [found] = await get<readonly EnvironmentView[]>(`/status?environment=${environment}`)
      assert(found, `status knows ${environment}`)
      return found
    },
    rollouts: () => get('/rollouts?limit=500'),
    events: () => allEvents(get),
    router: () => connect(join(folder, '.stellwerk/router')),
    async end() {
      await stopUp()
      await endProcessesOf(folder)
      await database.remove()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** True once the control plane has said where it is; throws when it ended instead. */
function answered(up: CliRun): boolean {
  if (up.child.exitCode !== null) throw new Error(`"stellwerk up" ended with ${up.child.exitCode}: ${up.stderr()}`)
  return /^control plane at http/m.test(up.stdout())
}

async function ask<T>(folder: string, path: string): Promise<T> {
  const data = join(folder, '.stellwerk')
  const { url } = JSON.parse(await readFile(join(data, 'control-plane.json'), 'utf8')) as { url: string }
  const token = (await readFile(join(data, 'local-token'), 'utf8')).trim()
  const answer = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
  if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as T
}

/** Of all rollouts; the whole log at once is a stream that does not end. */
async function allEvents(get: House['get']): Promise<readonly StoredEvent[]> {
  const rollouts = await get<readonly RolloutView[]>('/rollouts?limit=500')
  const streams = await Promise.all(rollouts.map(({ id }) => eventsOf(get, id)))
  return streams.flat()
}

async function eventsOf(get: House['get'], rollout: string): Promise<readonly StoredEvent[]> {
  const all: StoredEvent[] = []
  for (;;) {
    const after = all.at(-1)?.position ?? 0
    const page = await get<readonly StoredEvent[]>(`/rollouts/${rollout}/events?after=${after}&limit=1000`)
    if (page.length === 0) return all
    all.push(...page)
  }
}

/**
 * Pins a build of the catalogue as its pipeline would, and answers the version to deploy. Under another name it is another
 * build of the same source, with a digest of its own.
 */
export async function pin(house: House, name: string, as = name): Promise<string> {
  const from = join(house.folder, 'builds', name)
  const folder = join(house.folder, 'builds', as)
  if (as !== name) {
    await cp(from, folder, { recursive: true })
    await writeFile(join(folder, 'build-id'), as)
  }
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }
  const commit = Buffer.from(as.padEnd(20, '.')).toString('hex').slice(0, 40)
  const named = `v${version}${as === name ? '' : `-${as}`}`
  const url = `https://ci.example.org/lokaltreu/builds/${named}`
  const args = ['--version', named, '--commit', commit, '--build-url', url, '--component', `api=builds/${as}`]
  const pinned = await house.run(['artifact', 'pin', ...args])
  assert.equal(pinned.code, 0, pinned.stderr)
  return named
}

export function deployArgs(environment: string, artifact: string, ...more: readonly string[]): readonly string[] {
  return ['deploy', '-e', environment, '--artifact', artifact, '--yes', ...more]
}

/** The last line that the command printed as its result. */
export function lastLine({ stdout }: Pick<Ended, 'stdout'>): string {
  return stdout.trimEnd().split('\n').at(-1) ?? ''
}
