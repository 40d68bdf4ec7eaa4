/**
 * What the role may that the control plane works as, where another one owns the tables: add to the log and to its
 * checkpoints, never change or remove; write what is made again from the log.
 */
import { quote, say } from '../../core/say.ts'
import { type ClientBase, escapeIdentifier } from 'pg'
import { StellwerkError } from '../../errors.ts'
import { JOBS_SCHEMA } from '../../ports/sql.ts'
import { ownershipStatements, RIGHTS } from './ownership.ts'

/**
 * Within the owner's transaction. pg-boss keeps its own tables, so in its schema the role may create. Nothing is written
 * where nothing is to be changed: a start on a full disk has to be able to take users back.
 */
export async function giveRights(client: ClientBase, role: string): Promise<void> {
  if (await hasThem(client, role)) return
  const name = escapeIdentifier(role)
  const tables = Object.entries(RIGHTS).map(([table, rights]) => {
    const on = `on stellwerk.${table}`
    return `revoke all ${on} from ${name}; grant ${rights} ${on} to ${name};`
  })
  await client.query(`
    grant usage on schema stellwerk to ${name};
    ${tables.join('\n')}
    grant execute on function stellwerk.append(json) to ${name};
    grant usage, create on schema ${JOBS_SCHEMA} to ${name};`)
}

const BESIDE_TABLES = ['append execute', 'stellwerk usage', `${JOBS_SCHEMA} usage`, `${JOBS_SCHEMA} create`]

/** `events select`, `log_head update (signer)`: what was granted on our tables, no more and no less. */
const GRANTED = /* sql */ `
with mine as (select oid from pg_catalog.pg_roles where rolname = $1),
  ours as (select * from pg_catalog.pg_class where relnamespace = 'stellwerk'::regnamespace and relname = any($2::text[]))
select relname || ' ' || lower(privilege_type) as right from ours, aclexplode(relacl), mine where grantee = mine.oid
union all
select relname || ' ' || lower(privilege_type) || ' (' || attname || ')'
from ours join pg_catalog.pg_attribute on attrelid = ours.oid, aclexplode(attacl), mine where grantee = mine.oid
union all
select 'append execute' from mine where has_function_privilege(oid, 'stellwerk.append(json)', 'execute')
union all
select nspname || ' ' || lower(privilege_type) from pg_catalog.pg_namespace, aclexplode(nspacl), mine
where nspname in ('stellwerk', '${JOBS_SCHEMA}') and grantee = mine.oid`

async function hasThem(client: ClientBase, role: string): Promise<boolean> {
  const { rows } = await client.query<{ right: string }>(GRANTED, [role, Object.keys(RIGHTS)])
  const has = new Set(rows.map(({ right }) => right))
  const tables = Object.entries(RIGHTS).flatMap(([table, rights]) => rights.split(', ').map((one) => `${table} ${one}`))
  return has.symmetricDifference(new Set([...tables, ...BESIDE_TABLES])).size === 0
}

/**
 * Tables of before there were two roles belong to the one that worked alone; taken over before anything is changed. Those of
 * a role that we may act for stay with it.
 */
export async function settleOwners(client: ClientBase, runtime: string): Promise<void> {
  const { rows } = await client.query<{ owner: string }>('select current_user as owner')
  const owner = rows[0]?.owner ?? ''
  const statements = await ownershipStatements(client, { owner, runtime }, 'out of reach')
  try {
    for (const statement of statements) await client.query(statement)
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error
    throw new StellwerkError(
      'failed',
      {
        what: say`role ${owner} does not own what Stellwerk keeps in this database, and may not take it over`,
        why: say`it belongs to another role from before (${quote((error as Error).message)})`,
        serving: say`what served before: router and instances go on without the control plane`,
        fix: say`as a superuser of the database server: ${statements.join('; ')}`,
      },
      error,
    )
  }
}
