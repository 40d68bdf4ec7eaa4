/** A folder of its own for one run of a command, which its user alone can read, and which goes with it. */
import { randomUUID } from 'node:crypto'
import { chmod, chown, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Result, failure, ok } from '../../ports/result.ts'
import { type Account, closedFolder, giveTree } from './account.ts'

/** Where a command runs, and as whom. */
export type Workplace = {
  /** Exists, belongs to the account, and is empty but for what `lay` puts there. */
  readonly folder: string
  readonly account: Account
  /** HOME and TMPDIR within the workplace, where the command runs as another user than we. */
  readonly environment: Readonly<Record<string, string>>
  /** A folder beside it for content of another kind. */
  beside(name: string): string
  /** Makes what was laid into a folder of the workplace the account's. */
  giveOver(folder: string): void
  done(): Promise<void>
}

/**
 * Below the data folder; where the account cannot pass the folders on the way there (`/root` is closed to everybody else), in
 * a temporary folder that it can reach.
 */
export async function openWorkplace(dataFolder: string, account: Account): Promise<Result<Workplace>> {
  const home = await placeFor(dataFolder, account)
  if (home === null) {
    const who = account === null ? 'we' : `the user ${account.uid}`
    return failure('permanent', `no folder for commands: ${who} may pass neither ${dataFolder} nor ${tmpdir()}`)
  }
  const top = join(home, randomUUID())
  await mkdir(top, { mode: 0o700 })
  const folder = join(top, 'work')
  if (account !== null) {
    await mkdir(join(top, 'tmp'), { mode: 0o700 })
    await chown(join(top, 'tmp'), account.uid, account.gid)
    await chown(top, account.uid, account.gid)
  }
  return ok({
    folder,
    account,
    environment: account === null ? {} : { HOME: top, TMPDIR: join(top, 'tmp') },
    beside: (name) => join(top, name),
    giveOver: (given) => giveTree(given, account),
    done: () => rm(top, { recursive: true, force: true }),
  })
}

async function placeFor(dataFolder: string, account: Account): Promise<string | null> {
  const own = join(dataFolder, 'workplaces')
  await mkdir(own, { recursive: true, mode: 0o700 })
  if (account === null) return own
  // Passed through, never listed: the names of runs are nobody's business.
  await chmod(own, 0o711)
  const places = [own, tmpdir(), '/var/tmp', '/tmp']
  return places.find((place) => isOpen(place, account)) ?? null
}

function isOpen(place: string, account: Account): boolean {
  try {
    return closedFolder(place, account) === null
  } catch {
    return false
  }
}
