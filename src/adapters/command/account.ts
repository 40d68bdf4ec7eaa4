/** As which user of this machine a program runs; only root can choose. */
import { lchownSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Result, failure, ok } from '../../ports/result.ts'

/** Null: as the user that we are. */
export type Account = { readonly uid: number; readonly gid: number } | null

/** The account with a name (`www-data`) or number (`1001`, whose group is looked up, or has the same number). */
export function accountOf(user: string): Result<Account> {
  const known = passwd().find(([name, , uid]) => name === user || uid === user)
  const account = known
    ? { uid: Number(known[2]), gid: Number(known[3]) }
    : /^\d{1,10}$/.test(user)
      ? { uid: Number(user), gid: Number(user) }
      : null
  if (account === null) {
    return failure('permanent', `this machine has no user "${user}"; create it: useradd --system ${user}`)
  }
  if (process.getuid?.() === account.uid) return ok(null)
  if (process.getuid?.() === 0) return ok(account)
  return failure('permanent', `only root can run something as the user "${user}"; start the control plane as root`)
}

/** The first folder on the way to `path`, itself included, that the account may not enter; null when the way is open. */
export function closedFolder(path: string, account: Account): string | null {
  if (account === null) return null
  const parent = dirname(path)
  const above = parent === path ? null : closedFolder(parent, account)
  if (above !== null) return above
  const { uid, gid, mode } = statSync(path)
  const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
  return (mode & bit) === 0 ? path : null
}

export function passwd(): readonly (readonly string[])[] {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
  } catch {
    return []
  }
}

/** Makes a folder and all that is in it the account's; what links name is left alone. */
export function giveTree(folder: string, account: Account): void {
  if (account === null) return
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(folder, name), account.uid, account.gid)
  }
  lchownSync(folder, account.uid, account.gid)
}
