/** PostgreSQL refuses to run as root. As root, it runs as the user `postgres`, who has to be able to reach its files. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { EmbeddedPostgresError } from './error.ts'

/** Whom to run as; null: as ourselves. */
export type Account = { readonly uid: number; readonly gid: number } | null

const run = promisify(execFile)

/** Where the database of a control plane goes whose own folder is closed to the user `postgres`. */
const SHARED_FOLDER = '/var/lib/stellwerk'

/** Creates the system user `postgres` when we are root and there is none. */
export async function postgresAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return null
  const known = await lookUp()
  if (known !== null) return known
  try {
    await run('groupadd', ['--system', '--force', 'postgres'])
    await run('useradd', ['--system', '--gid', 'postgres', '--no-create-home', '--shell', '/bin/false', 'postgres'])
  } catch (error) {
    const message =
      'PostgreSQL cannot run as root, and the user "postgres" could not be created. Create it, or do not run as root.'
    throw new EmbeddedPostgresError('failed', message, error)
  }
  const created = await lookUp()
  if (created === null)
    throw new EmbeddedPostgresError('failed', 'the user "postgres" was created but is not in /etc/passwd')
  return created
}

async function lookUp(): Promise<Account> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((one) => one.startsWith('postgres:'))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) }
}

/** The first folder on the way to `path` (itself included) which the account cannot pass, or null. */
export async function closedFolder(path: string, account: Account): Promise<string | null> {
  if (account === null) return null
  const parent = dirname(path)
  const above = parent === path ? null : await closedFolder(parent, account)
  if (above !== null) return above
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isDirectory()) return null
  const bit = found.uid === account.uid ? 0o100 : found.gid === account.gid ? 0o010 : 0o001
  return (found.mode & bit) === 0 ? path : null
}

/**
 * The folder for everything of the database: `<folder>/postgres`, or one under /var/lib/stellwerk when the way to the
 * former is closed. Once chosen it stays.
 */
export async function homeFor(folder: string, account: Account, log: (line: string) => void): Promise<string> {
  const [own, elsewhere] = [join(folder, 'postgres'), sharedFolder(folder)]
  if (account === null) return own
  if (await exists(join(elsewhere, 'data'))) return elsewhere
  const closed = await closedFolder(folder, account)
  if (closed === null) return own
  if (await exists(join(own, 'data'))) {
    const message = `the database in ${own} can no longer be reached by the user "postgres": run "chmod o+x ${closed}"`
    throw new EmbeddedPostgresError('folder-closed', message)
  }
  log(`${closed} is closed to the user "postgres": the database is kept in ${elsewhere}`)
  return elsewhere
}

/** Where `homeFor` puts what it cannot keep in the folder. */
export function sharedFolder(folder: string): string {
  return join(SHARED_FOLDER, createHash('sha256').update(folder).digest('hex').slice(0, 16))
}

/** A place for the programs that every account can reach. */
export function sharedPrograms(version: string): string {
  return join(SHARED_FOLDER, `postgres-${version}`)
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
