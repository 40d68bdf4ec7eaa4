/**
 * Whom the tables of Stellwerk belong to, and what the other one may: the log and what is beside it are the owner's, the job
 * queue belongs to the role that works on it.
 */
import { type ClientBase, escapeIdentifier } from 'pg'
import { JOBS_SCHEMA } from '../../ports/sql.ts'

const KEPT = 'select, insert, update, delete'
/** Emptied as a whole before it is made again from the log. */
const REBUILT = `${KEPT}, truncate`

/** Of every table of schema `stellwerk`. Events come in by `stellwerk.append` alone, which runs as the owner. */
export const RIGHTS: Readonly<Record<string, string>> = {
  migrations: 'select',
  log_head: 'select, update (signer)',
  events: 'select',
  checkpoints: 'select, insert',
  streams: REBUILT,
  environments: REBUILT,
  quarantine: REBUILT,
  tokens: KEPT,
  requests: KEPT,
  hosts: KEPT,
  deliveries: KEPT,
  channels: KEPT,
}

const ROUTINES = ['append', 'refuse_change']

export type Roles = { readonly owner: string; readonly runtime: string }

/**
 * `alter table stellwerk.events owner to stellwerk_owner` for everything of ours that belongs to somebody else. `out of
 * reach`: of the owner's, only what the other role has or what this client may not act on.
 */
export async function ownershipStatements(
  client: ClientBase,
  roles: Roles,
  which: 'all' | 'out of reach' = 'all',
): Promise<readonly string[]> {
  const { rows } = await client.query<{ statement: string; rank: number; jobs: boolean }>(STATEMENTS, [
    JOBS_SCHEMA,
    roles.owner,
    roles.runtime,
    [...Object.keys(RIGHTS), ...ROUTINES],
    which === 'all',
  ])
  const text = (some: typeof rows) => some.map(({ statement }) => statement)
  // Foreign keys are checked as the owner of their table, also for a control plane that still works as somebody else.
  const grant = `grant usage, create on schema ${JOBS_SCHEMA} to ${escapeIdentifier(roles.runtime)}`
  return [
    ...text(rows.filter(({ rank }) => rank === 1)),
    ...(rows.some(({ rank, jobs }) => rank > 1 && jobs) ? [grant] : []),
    ...text(rows.filter(({ rank }) => rank > 1)),
  ]
}

/** Indexes, row types and the sequences of columns go with their tables. */
const STATEMENTS = /* sql */ `
with place as (
  select oid, nspname as name, nspowner, case nspname when $1 then $3::text else $2::text end as owner
  from pg_catalog.pg_namespace where nspname in ('stellwerk', $1)
), found as (
  select 1 as rank, format('schema %I', name) as what, nspowner as has, $2::text as owner from place
  union all
  select 2, format('%s %I.%I', case relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end, name, relname),
    relowner, owner
  from pg_catalog.pg_class as relation join place on place.oid = relnamespace
  where (name = $1 or relname = any($4::text[])) and (relkind in ('r', 'p', 'v') or (relkind = 'S' and not exists (
    select from pg_catalog.pg_depend where classid = 'pg_class'::regclass and objid = relation.oid and deptype in ('a', 'i')
  )))
  union all
  select 3, format('routine %I.%I(%s)', name, proname, pg_catalog.pg_get_function_identity_arguments(routine.oid)),
    proowner, owner
  from pg_catalog.pg_proc as routine join place on place.oid = pronamespace
  where name = $1 or proname = any($4::text[])
  union all
  select 4, format('type %I.%I', name, typname), typowner, owner
  from pg_catalog.pg_type join place on place.oid = typnamespace where typtype in ('d', 'e')
)
select format('alter %s owner to %I', what, owner) as statement, rank, owner = $3 as jobs
from found join pg_catalog.pg_roles as holder on holder.oid = has
where rolname <> owner
  and ($5::boolean or owner = $3 or rolname = $3 or not pg_has_role(current_user, has, 'usage'))
order by rank, what`
