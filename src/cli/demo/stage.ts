/** What the demo plays on: a folder of its own, a control plane in this process, a database for the service, and its builds. */
import { say, type Sentence } from '../../core/say.ts'
import { chmod, readdir, readFile, rm } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { makeDataFolder } from '../../composition/data-folder.ts'
import { delimiter, dirname, join } from 'node:path'
import { Client } from 'pg'
import { digestTree } from '../../adapters/artifact-store/store.ts'
import { type RunningControlPlane, startControlPlane } from '../../composition/start.ts'
import type { Artifact } from '../../core/artifact.ts'
import type { PlanRequest } from '../../engine/control-plane.ts'
import { type Built, type Example, loadExample } from './example.ts'

export type Stage = {
  readonly folder: string
  /** The outermost folder that was made for it. */
  readonly made: string
  readonly example: Example
  readonly running: RunningControlPlane
  readonly builds: readonly Built[]
  request(build: Built): Promise<PlanRequest>
}

const ENVIRONMENT = 'demo'
const BUILD_URL = 'https://ci.example.org/lokaltreu/builds'

export async function setStage(
  parent: string,
  names: readonly string[],
  progress: (said: Sentence) => void,
): Promise<Stage> {
  const example = await loadExample()
  const folder = join(parent, `demo-${process.pid}`)
  const made = await makeDataFolder(folder)
  progress(say`building the example service`)
  const builds = await example.build(names, join(folder, 'builds'))
  // The example runs on the Node that runs us, whatever older one the machine has.
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  const environment: Record<string, string | undefined> = { ...process.env, PATH: path }
  const running = await startControlPlane({
    dataFolder: join(folder, 'data'),
    host: '127.0.0.1',
    port: 0,
    databaseUrl: null,
    logLevel: 'fatal',
    progress,
    environment,
  })
  environment['LOKALTREU_DATABASE_URL'] = await serviceDatabase(running.adminUrl)
  environment['LOKALTREU_AUTH_SECRET'] = randomBytes(32).toString('hex')
  return { folder, made: made ?? folder, example, running, builds, request: (build) => requestFor(example, build) }
}

/** The service gets a database of its own in the same server, and a role that owns it and reaches nothing else. */
async function serviceDatabase(adminUrl: string | null): Promise<string> {
  if (adminUrl === null) throw new Error('the demo plays on its own PostgreSQL')
  const password = randomBytes(24).toString('base64url')
  const client = new Client({ connectionString: adminUrl })
  await client.connect()
  try {
    await client.query(`create role lokaltreu login password '${password}'`)
    await client.query('create database lokaltreu owner lokaltreu')
  } finally {
    await client.end()
  }
  const url = new URL(adminUrl)
  return Object.assign(url, { username: 'lokaltreu', password, pathname: '/lokaltreu' }).href
}

async function requestFor(example: Example, { build, folder }: Built): Promise<PlanRequest> {
  const file = 'demo.yaml'
  const text = await readFile(join(example.folder, file), 'utf8')
  const artifact = await pin(build.version, folder)
  return { spec: { text, file, folder: example.folder }, environment: ENVIRONMENT, artifact, flags: {} }
}

async function pin(version: string, folder: string): Promise<Artifact> {
  const digest = await digestTree(folder)
  if (!digest.ok) throw new Error(digest.message)
  const commit = digest.value.slice('sha256:'.length, 'sha256:'.length + 40)
  return {
    version,
    commit,
    buildUrl: `${BUILD_URL}/${version}`,
    authors: [],
    components: { api: { ref: folder, digest: digest.value } },
  }
}

/** Ends what the demo started: instances and router too, for nobody uses them after it. */
export async function clearStage({ folder, made, running }: Stage): Promise<void> {
  await running.tearDown()
  await makeRemovable(join(folder, 'data/artifacts'))
  // The outermost folder that was made for the demo alone.
  await rm(made, { recursive: true, force: true })
}

/** Content that was taken over is read-only, its folders too: nobody but root removes anything from them as they are. */
export async function makeRemovable(folder: string): Promise<void> {
  await chmod(folder, 0o700)
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await makeRemovable(join(folder, entry.name))
}
