/**
 * Programs that tests run against and npm does not bring. As root on Debian they are installed; elsewhere they are
 * named, together with the tests that skip without them.
 */
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from './process.ts'

/** `file`: where it lies, for what is no program on the PATH. */
export type DebianPackage = { readonly name: string; readonly program: string; readonly file?: string }

/** Debian's Python keeps its modules here; another Python on the PATH does not see them. */
const MODULES = '/usr/lib/python3/dist-packages'

export const DEBIAN_PACKAGES: readonly DebianPackage[] = [
  { name: 'docker-registry', program: 'docker-registry' },
  { name: 'haproxy', program: 'haproxy' },
  { name: 'prometheus', program: 'prometheus' },
  { name: 'python3-fastapi', program: 'fastapi', file: `${MODULES}/fastapi` },
  { name: 'python3-psycopg-pool', program: 'fastapi', file: `${MODULES}/psycopg_pool` },
  { name: 'python3-uvicorn', program: 'fastapi', file: `${MODULES}/uvicorn` },
  { name: 'wrk', program: 'wrk' },
]

/** Debian keeps daemons in `/usr/sbin`, which is not on everybody's PATH. */
function isInstalled({ program, file }: DebianPackage): boolean {
  if (file !== undefined) return existsSync(file)
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.some((folder) => folder !== '' && existsSync(join(folder, program)))
}

/** A package is needed by the test files that name its program. */
export function neededBy({ program }: DebianPackage, files: readonly string[]): readonly string[] {
  const word = new RegExp(`\\b${program}\\b`)
  return files.filter((file) => word.test(readFileSync(file, 'utf8')))
}

/** Installs what `files` need and prints what is missing; never fails the run: such tests skip and say so. */
export async function provideDebianPackages(
  files: readonly string[],
  tell: (line: string) => void,
  packages: readonly DebianPackage[] = DEBIAN_PACKAGES,
): Promise<void> {
  const missing = packages.filter((wanted) => !isInstalled(wanted) && neededBy(wanted, files).length > 0)
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name)
  const cannot = whyNot()
  if (cannot === null) {
    tell(`installing Debian packages for the tests: ${names.join(', ')} (STELLWERK_NO_APT=1 leaves them out)`)
    const problem = await install(names)
    if (problem !== null) tell(problem)
  }
  for (const wanted of missing.filter((each) => !isInstalled(each))) {
    const how = cannot === null ? 'could not be installed' : `is not installed (${cannot})`
    tell(
      `${wanted.file === undefined ? wanted.program : wanted.name} ${how}; without it tests skip in ${neededBy(wanted, files).join(', ')}`,
    )
  }
}

function whyNot(): string | null {
  if (process.env['STELLWERK_NO_APT']) return 'STELLWERK_NO_APT is set'
  if (!existsSync('/etc/debian_version')) return 'this is not Debian: install it with your package manager'
  if (process.getuid?.() !== 0) return 'not root: sudo apt-get install it'
  return null
}

/** Tries with the package lists at hand first: updating them is the slow part. Null when done, else what apt-get said. */
async function install(names: readonly string[]): Promise<string | null> {
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' } // runlevel 1: a daemon is installed, not started
  const get = (...args: readonly string[]) =>
    run('apt-get', ['-q', '-y', '-o', 'DPkg::Lock::Timeout=60', ...args], { timeoutMs: 180_000, env })
  const add = () => get('install', '--no-install-recommends', ...names)
  if ((await add()).code === 0) return null
  await get('update')
  const again = await add()
  return again.code === 0 ? null : `apt-get: ${again.output.trim().split('\n').slice(-3).join(' · ')}`
}
