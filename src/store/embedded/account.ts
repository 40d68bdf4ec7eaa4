/** PostgreSQL refuses to run as root. As root, it runs as the user `postgres`, who has to be able to reach its files. */
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { access, link, mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
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
 * former is closed. Once chosen it stays: the folder says in `home` where, so that it can be moved; one that was deleted
 * and made again begins anew, whatever its path.
 */
export async function homeFor(folder: string, account: Account, log: (line: string) => void): Promise<string> {
  const own = join(folder, 'postgres')
  const kept = await keptElsewhere(folder)
  if (account === null) {
    if (kept === null || (await exists(join(own, 'data')))) return own
    const message = `the database of ${folder} is kept in ${kept}, which was made as root: start as root`
    throw new EmbeddedPostgresError('wrong-owner', message)
  }
  if (kept !== null) return exists(join(folder, HOME)).then((said) => (said ? kept : claimed(folder, kept)))
  const closed = await closedFolder(folder, account)
  if (closed === null) return own
  if (await exists(join(own, 'data'))) {
    const message = `the database in ${own} can no longer be reached by the user "postgres": run "chmod o+x ${closed}"`
    throw new EmbeddedPostgresError('folder-closed', message)
  }
  const elsewhere = join(SHARED_FOLDER, randomBytes(8).toString('hex'))
  log(`${closed} is closed to the user "postgres": the database is kept in ${elsewhere}`)
  return claimed(folder, elsewhere)
}

/** In the folder: where its database is. In the database's: which folder it was made for. */
const [HOME, MADE_FOR] = ['home', 'made-for']

/** Where the database of a folder is kept that is not in it, or null. */
export async function keptElsewhere(folder: string): Promise<string | null> {
  const said = (await readFile(join(folder, HOME), 'utf8').catch(() => '')).trim()
  if (said !== '') return said
  // Versions before this one wrote nothing down: it went by the path of the folder.
  const before = join(SHARED_FOLDER, createHash('sha256').update(folder).digest('hex').slice(0, 16))
  const isOld = (await exists(join(before, 'data'))) && !(await exists(join(before, MADE_FOR)))
  return isOld ? before : null
}

/** Of several that start at once, all get what the first has chosen. */
async function claimed(folder: string, home: string): Promise<string> {
  const note = join(folder, `${HOME}.${basename(home)}.${process.pid}.new`)
  await mkdir(home, { recursive: true })
  await writeFile(note, `${home}\n`)
  try {
    await link(note, join(folder, HOME))
  } catch (error) {
    const first = await keptElsewhere(folder)
    if (first === null) throw error
    if (first !== home) await rmdir(home).catch(() => undefined)
    return first
  } finally {
    await rm(note, { force: true })
  }
  await writeFile(join(home, MADE_FOR), `${folder}\n`)
  return home
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
