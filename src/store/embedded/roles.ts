/**
 * The three roles of an embedded database. The superuser is for this folder alone (start, roles, databases of others); the
 * owner migrates; the control plane works as a third one, which can append to the log but not change it. Each has a password
 * of its own, readable by whoever runs the control plane.
 */
import { randomBytes } from 'node:crypto'
import { readFile, realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, escapeIdentifier, escapeLiteral } from 'pg'
import { ownershipStatements } from '../postgres/ownership.ts'
import { keptElsewhere } from './account.ts'
import { type Cluster, clientFor, type Postmaster, USER } from './cluster.ts'

export const OWNER = 'stellwerk_owner'
export const RUNTIME = 'stellwerk_runtime'

const DATABASE = 'stellwerk'

export type Passwords = { readonly admin: string; readonly owner: string; readonly runtime: string }

/** Connections to it, each with its password: never log them. */
export type Urls = Passwords

export async function keptPasswords(home: string): Promise<Passwords> {
  return {
    admin: await keptPassword(join(home, 'password')),
    owner: await keptPassword(join(home, 'owner-password')),
    runtime: await keptPassword(join(home, 'runtime-password')),
  }
}

/** Made once. */
async function keptPassword(file: string): Promise<string> {
  const kept = await readFile(file, 'utf8').catch(() => null)
  if (kept !== null && kept !== '') return kept
  const password = randomBytes(24).toString('base64url')
  await writeFile(file, password, { mode: 0o600 })
  return password
}

export function urlsOf({ admin, owner, runtime }: Passwords, port: number): Urls {
  const url = (role: string, password: string) => `postgres://${role}:${password}@127.0.0.1:${port}/${DATABASE}`
  return { admin: url(USER, admin), owner: url(OWNER, owner), runtime: url(RUNTIME, runtime) }
}

/** The connection of the control plane's role to the database of that folder, running or not; null: there is none. */
export async function keptAccess(folder: string): Promise<string | null> {
  const real = await realpath(folder).catch(() => folder)
  const elsewhere = await keptElsewhere(real)
  for (const home of [join(real, 'postgres'), ...(elsewhere === null ? [] : [elsewhere])]) {
    const read = (name: string) => readFile(join(home, name), 'utf8').catch(() => '')
    const [port, runtime] = [Number(await read('port')), await read('runtime-password')]
    if (port > 0 && runtime !== '') return urlsOf({ admin: '', owner: '', runtime }, port).runtime
  }
  return null
}

/**
 * Makes roles and database, or puts right what is there: a folder of earlier versions knows the superuser only. Where all is
 * right nothing is written, so that a full disk does not keep a control plane from starting.
 */
export async function prepareDatabase(cluster: Cluster, { port }: Postmaster, passwords: Passwords): Promise<void> {
  const urls = urlsOf(passwords, port)
  await within(clientFor(cluster, port, 'postgres'), async (client) => {
    await makeRole(client, OWNER, passwords.owner, urls.owner)
    await makeRole(client, RUNTIME, passwords.runtime, urls.runtime)
    await makeDatabase(client)
  })
  await within(clientFor(cluster, port, DATABASE), async (client) => {
    const statements = await ownershipStatements(client, { owner: OWNER, runtime: RUNTIME })
    if (statements.length === 0) return
    await client.query(`begin; ${statements.join('; ')}; commit`)
    cluster.log(
      `the tables of an earlier version belong to the role ${OWNER} from now on, those of the job queue to ${RUNTIME}`,
    )
  })
}

async function within<T>(client: Client, work: (client: Client) => Promise<T>): Promise<T> {
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const IS_LIMITED = `select rolcanlogin and not (rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls) as is
  from pg_catalog.pg_roles where rolname = $1`

async function makeRole(client: Client, role: string, password: string, url: string): Promise<void> {
  const { rows } = await client.query<{ is: boolean }>(IS_LIMITED, [role])
  if (rows[0]?.is === true && (await opens(url))) return
  const verb = rows.length === 0 ? 'create' : 'alter'
  const limits = 'login nosuperuser nocreatedb nocreaterole noreplication nobypassrls'
  await client.query(`${verb} role ${escapeIdentifier(role)} ${limits} password ${escapeLiteral(password)}`)
}

function opens(connectionString: string): Promise<boolean> {
  return within(new Client({ connectionString }), async () => true).catch(() => false)
}

/** The server's own databases are open to everybody, unless somebody says otherwise. */
const IS_CLOSED = `select datdba = $2::regrole and has_database_privilege($3, $1, 'connect') and not exists (
    select from pg_catalog.pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba)))
    where datname in ($1, 'postgres', 'template1') and grantee = 0
  ) as is from pg_catalog.pg_database where datname = $1`

async function makeDatabase(client: Client): Promise<void> {
  const { rows } = await client.query<{ is: boolean }>(IS_CLOSED, [DATABASE, OWNER, RUNTIME])
  if (rows[0]?.is === true) return
  if (rows.length === 0) await client.query(`create database ${DATABASE}`)
  await client.query(`
    alter database ${DATABASE} owner to ${OWNER};
    revoke all on database ${DATABASE}, postgres, template1 from public;
    grant connect on database ${DATABASE} to ${RUNTIME};`)
}
