/** The table of tokens. A token is saved with the event that says so, in one transaction. */
import { instant } from '../../core/time.ts'
import type { Scope, StoredToken } from '../../ports/identity.ts'
import type { RunSql } from '../../ports/sql.ts'
import type { Store } from '../../ports/store.ts'
import { type LogGuard, tokenText } from '../seal.ts'
import type { SqlRow } from './rows.ts'

const COLUMNS =
  'id, hash, name, person, roles, scopes, services, environments, created_at, expires_at, revoked_at, last_used_at'

/** A revocation is a fact of the log: a row that was put back as it was before does not undo it. */
const READ = `${COLUMNS}, mac, (
  select min(at) from stellwerk.events where stream = 'token-' || tokens.id and type = 'TokenRevoked'
) as revoked_by_log`

export function tokenReaders(run: RunSql, guard: LogGuard): Pick<Store, 'tokens' | 'tokenByHash' | 'touchTokens'> {
  return {
    tokens: () => tokenRows(run, guard),
    async tokenByHash(hash) {
      const { rows } = await run(`select ${READ} from stellwerk.tokens where hash = $1`, [hash], 'token-by-hash')
      return rows[0] === undefined ? null : guardedToken(rows[0], guard)
    },
    async touchTokens(uses) {
      await run(TOUCH, [[...uses.keys()], [...uses.values()]], 'touch-tokens')
    },
  }
}

/** Those that are ours, oldest first. */
export async function tokenRows(run: RunSql, guard: LogGuard): Promise<readonly StoredToken[]> {
  const { rows } = await run(`select ${READ} from stellwerk.tokens order by created_at, id`, [], 'tokens')
  return rows.flatMap((row) => guardedToken(row, guard) ?? [])
}

export async function tokenById(run: RunSql, id: string, guard: LogGuard): Promise<StoredToken | null> {
  const { rows } = await run(`select ${READ} from stellwerk.tokens where id = $1 for update`, [id], 'token-by-id')
  return rows[0] === undefined ? null : guardedToken(rows[0], guard)
}

export async function saveToken(run: RunSql, token: StoredToken, guard: LogGuard): Promise<void> {
  const { id, hash, name, person, roles, scopes, services, environments, createdAt, expiresAt, revokedAt } = token
  const values = [id, hash, name, person, roles, scopes, services, environments, createdAt, expiresAt, revokedAt]
  await run(SAVE, [...values, token.lastUsedAt, guard.seal(tokenText(token))], 'save-token')
}

const SAVE = /* sql */ `
insert into stellwerk.tokens (${COLUMNS}, mac)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, decode($13, 'hex'))
on conflict (id) do update set hash = excluded.hash, name = excluded.name, person = excluded.person,
  roles = excluded.roles, scopes = excluded.scopes, services = excluded.services, environments = excluded.environments,
  created_at = excluded.created_at, expires_at = excluded.expires_at, revoked_at = excluded.revoked_at,
  mac = excluded.mac`

const TOUCH = /* sql */ `
update stellwerk.tokens as token set last_used_at = greatest(token.last_used_at, used.at)
from unnest($1::text[], $2::bigint[]) as used (id, at) where token.id = used.id`

function guardedToken(row: SqlRow, guard: LogGuard): StoredToken | null {
  const token = storedToken(row)
  if (!guard.holds(tokenText(token), row['mac'] as Uint8Array | null)) {
    guard.forged(`token ${token.id} was not written by the control plane: it opens nothing`)
    return null
  }
  const revokedByLog = row['revoked_by_log'] === null ? null : instant(Number(row['revoked_by_log']))
  return { ...token, revokedAt: token.revokedAt ?? revokedByLog }
}

function storedToken(row: SqlRow): StoredToken {
  const moment = (name: string) => (row[name] === null ? null : instant(Number(row[name])))
  return {
    id: row['id'] as string,
    hash: row['hash'] as string,
    name: row['name'] as string,
    person: row['person'] as string,
    roles: row['roles'] as readonly string[],
    scopes: row['scopes'] as readonly Scope[],
    services: row['services'] as readonly string[] | null,
    environments: row['environments'] as readonly string[] | null,
    createdAt: instant(Number(row['created_at'])),
    expiresAt: moment('expires_at'),
    lastUsedAt: moment('last_used_at'),
    revokedAt: moment('revoked_at'),
  }
}
