/**
 * The three roles of an embedded database. The superuser is for this folder alone (start, roles, databases of others); the
 * owner migrates; the control plane works as a third one, which adds to the log and cannot change it. Each has a password
 * of its own, readable by whoever runs the control plane.
 */
import { randomBytes } from 'node:crypto'
import { readFile, realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Client, escapeIdentifier, escapeLiteral } from 'pg'
import { ownershipStatements } from '../postgres/ownership.ts'
import { sharedFolder } from './account.ts'
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
  for (const home of [join(real, 'postgres'), sharedFolder(real)]) {
    const read = (name: string) => readFile(join(home, name), 'utf8').catch(() => '')
    const [port, runtime] = [Number(await read('port')), await read('runtime-password')]
    if (port > 0 && runtime !== '') return urlsOf({ admin: '', owner: '', runtime }, port).runtime
  }
  return null
}

/** Makes roles and database, or puts right what is there: a folder of earlier versions knows the superuser only. */
export async function prepareDatabase(cluster: Cluster, { port }: Postmaster, passwords: Passwords): Promise<void> {
  await within(clientFor(cluster, port, 'postgres'), async (client) => {
    await makeRole(client, OWNER, passwords.owner)
    await makeRole(client, RUNTIME, passwords.runtime)
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

async function within(client: Client, work: (client: Client) => Promise<void>): Promise<void> {
  client.on('error', () => undefined)
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

async function makeRole(client: Client, role: string, password: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role])
  const verb = rowCount === 0 ? 'create' : 'alter'
  const limits = 'login nosuperuser nocreatedb nocreaterole noreplication nobypassrls'
  await client.query(`${verb} role ${escapeIdentifier(role)} ${limits} password ${escapeLiteral(password)}`)
}

async function makeDatabase(client: Client): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE])
  if (rowCount === 0) await client.query(`create database ${DATABASE}`)
  await client.query(`
    alter database ${DATABASE} owner to ${OWNER};
    revoke all on database ${DATABASE}, postgres, template1 from public;
    grant connect on database ${DATABASE} to ${RUNTIME};`)
}
