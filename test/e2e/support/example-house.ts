/** One of the small examples as its team has it: its spec, its builds, `stellwerk up`, and the command line. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build } from '../../../examples/lokaltreu/builds.ts'
import { buildPart } from '../../../examples/shared/build.ts'
import type { Release } from '../../../examples/shared/release.ts'
import { startCli } from '../../../src/testing/cli-process.ts'
import { temporaryFolder } from '../../../src/testing/temporary-folder.ts'
import { until } from '../../../src/testing/until.ts'
import type { Ended } from './house.ts'
import { endProcessesOf } from './processes.ts'

export type Example = {
  readonly name: 'lokaltreu' | 'lifetimecircle' | 'wimmelwelt'
  readonly parts: readonly string[]
}

/** What the service needs around it, as its host would have it. */
export type Surroundings = {
  readonly env: Readonly<Record<string, string>>
  remove(): Promise<void>
}

/** Debian's own, which sees the modules that Debian's packages bring; another Python may come first in PATH. */
const DEBIAN_PYTHON = '/usr/bin/python3'

export type ExampleHouse = {
  readonly folder: string
  run(args: readonly string[]): Promise<Ended>
  /** Builds and pins a release; answers its version. */
  pin(release: Release): Promise<string>
  up(): Promise<void>
  end(): Promise<void>
}

/** The spec as it stands, but for ports that are free and a data folder of this test. */
export async function exampleHouse({ name, parts }: Example, around: Surroundings): Promise<ExampleHouse> {
  const folder = await temporaryFolder(name)
  const spec = await readFile(new URL(`../../../examples/${name}/stellwerk.yaml`, import.meta.url), 'utf8')
  const own = spec
    .replaceAll(/listen: "127\.0\.0\.1:\d+"/g, 'listen: "127.0.0.1:0"')
    .replaceAll(`/var/lib/${name}`, join(folder, 'data'))
    .replaceAll('"python3 ', `"${existsSync(DEBIAN_PYTHON) ? DEBIAN_PYTHON : 'python3'} `)
  await writeFile(join(folder, 'stellwerk.yaml'), own)
  const env = { CI: 'true', HOME: folder, ...around.env }
  const run: ExampleHouse['run'] = (args) => startCli(args, { cwd: folder, env: { CI: 'true' } }).ended
  let stop = async () => {}
  return {
    folder,
    run,
    pin: (release) => pin(folder, { name, parts }, release, run),
    async up() {
      const up = startCli(['up', '--listen', '127.0.0.1:0', '--log-level', 'error'], { cwd: folder, env })
      stop = async () => {
        up.child.kill('SIGTERM')
        await up.ended
      }
      await until('"stellwerk up" says where it is', () => answered(up), { timeoutMs: 60_000 })
    },
    async end() {
      await stop()
      await endProcessesOf(folder)
      await around.remove()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Lokaltreu's API has a catalogue of builds of its own. */
async function buildOf(name: Example['name'], part: string, release: Release, out: string): Promise<void> {
  if (name !== 'lokaltreu' || part !== 'api') return void (await buildPart(name, part, release, out))
  await build(['v1'], out)
  await rename(join(out, 'v1'), join(out, part))
}

async function pin(folder: string, { name, parts }: Example, release: Release, run: ExampleHouse['run']) {
  const out = join(folder, 'builds', release.version)
  await Promise.all(parts.map((part) => buildOf(name, part, release, out)))
  const commit = Buffer.from(release.version.padEnd(20, '.')).toString('hex').slice(0, 40)
  const url = `https://ci.example.org/${name}/${release.version}`
  const components = parts.flatMap((part) => ['--component', `${part}=builds/${release.version}/${part}`])
  const pinned = await run([
    'artifact',
    'pin',
    '--version',
    release.version,
    '--commit',
    commit,
    '--build-url',
    url,
    ...components,
  ])
  if (pinned.code !== 0) throw new Error(pinned.stderr)
  return release.version
}

function answered(up: ReturnType<typeof startCli>): boolean {
  if (up.child.exitCode !== null) throw new Error(`"stellwerk up" ended with ${up.child.exitCode}: ${up.stderr()}`)
  return /^control plane at http/m.test(up.stdout())
}
