/** How far the role reaches that a control plane works as; asked by `doctor` and at every start. */
import { type ClientBase, escapeIdentifier } from 'pg'
import type { RunSql } from '../../ports/sql.ts'
import { ownershipStatements } from './ownership.ts'

/** From the most to the least. `owner`: the log is its own, or would be once the schema is made. */
export type Excess = 'superuser' | 'owner' | 'changes-log' | 'creates-roles' | 'creates-databases'

export type DatabaseRights = {
  readonly role: string
  readonly database: string
  /** Are there tables of ours already? */
  readonly hasLog: boolean
  /** The worst of it; null: it can do what Stellwerk does, and no more. */
  readonly excess: Excess | null
}

type Row = {
  readonly role: string
  readonly database: string
  readonly there: boolean
  readonly superuser: boolean
  readonly owner: boolean
  readonly changes: boolean
  readonly roles: boolean
  readonly databases: boolean
}

/** Also what a role may that it can become. */
const RIGHTS_NOW = /* sql */ `
with log as (select to_regclass('stellwerk.events') as events, to_regclass('stellwerk.checkpoints') as checkpoints),
  mine as (select * from pg_catalog.pg_roles where pg_has_role(current_user, oid, 'member'))
select current_user as role, current_database() as database, events is not null as there,
  (select bool_or(rolsuper) from mine) as superuser,
  case when events is null then has_database_privilege(current_database(), 'create')
    else exists (select from pg_catalog.pg_class join mine on mine.oid = relowner where pg_class.oid in (events, checkpoints))
    end as owner,
  exists (select from mine, unnest(array[events, checkpoints]) as logged
    where has_table_privilege(mine.oid, logged, 'update, delete, truncate')) as changes,
  (select bool_or(rolcreaterole) from mine) as roles,
  (select bool_or(rolcreatedb) from mine) as databases
from log`

export async function rightsOf(run: RunSql): Promise<DatabaseRights> {
  const { rows } = await run(RIGHTS_NOW)
  const row = rows[0] as Row
  return { role: row.role, database: row.database, hasLog: row.there, excess: excessOf(row) }
}

function excessOf({ superuser, owner, changes, roles, databases }: Row): Excess | null {
  if (superuser) return 'superuser'
  if (owner) return 'owner'
  if (changes) return 'changes-log'
  if (roles) return 'creates-roles'
  return databases ? 'creates-databases' : null
}

const OWNER = 'stellwerk_owner'
const RUNTIME = 'stellwerk_runtime'

export type SetUp = {
  readonly database: string
  /** For a superuser in that database, one statement each. */
  readonly sql: readonly string[]
  /** Whose connections `DATABASE_URL` and `STELLWERK_MIGRATION_URL` become. */
  readonly runtime: string
  readonly owner: string
}

/** What makes two proper roles of the one there is: it stays the owner if it is no superuser. */
export async function setUpFor(client: ClientBase, { role, database, excess }: DatabaseRights): Promise<SetUp> {
  const owner = excess === 'superuser' ? OWNER : role
  const [name, ownerName, runtimeName] = [database, owner, RUNTIME].map(escapeIdentifier) as [string, string, string]
  const limits = 'login nosuperuser nocreatedb nocreaterole'
  return {
    database,
    owner,
    runtime: RUNTIME,
    sql: [
      ...(owner === OWNER ? [`create role ${ownerName} ${limits} password '…'`] : []),
      `create role ${runtimeName} ${limits} password '…'`,
      `alter database ${name} owner to ${ownerName}`,
      `revoke all on database ${name} from public`,
      `grant connect on database ${name} to ${runtimeName}`,
      ...(await ownershipStatements(client, { owner, runtime: RUNTIME })),
    ],
  }
}
