/**
 * A throw-away PostgreSQL for tests: one server per test process, a fresh database per test. `STELLWERK_TEST_DATABASE_URL`
 * (a superuser's, on a server one may fill with databases) is used instead when it is set.
 */
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { after } from 'node:test'
import { Client } from 'pg'
import { startEmbedded } from '../store/embedded/index.ts'
import { temporaryFolder } from './temporary-folder.ts'

export type TestDatabase = {
  /** As a superuser. */
  readonly connectionString: string
  /** Makes two roles for it, as the guide tells administrators: one that owns, one that the control plane works as. */
  readonly roles: () => Promise<TestRoles>
  readonly drop: () => Promise<void>
}

export type TestRoles = { readonly connectionString: string; readonly migrationUrl: string }

type Shared = { readonly connectionString: string; readonly stop: () => Promise<void> }

let shared: Promise<Shared> | null = null

// Of the file that imports this, not of the test that happens to come first.
after(async () => (await shared)?.stop())

/** Starts the server at the first call; it is ended after the last test of the process. */
export async function testDatabase(): Promise<TestDatabase> {
  shared ??= startShared()
  const server = (await shared).connectionString
  const name = `test_${randomBytes(8).toString('hex')}`
  await administer(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const made: string[] = []
  return {
    connectionString: url.href,
    async roles() {
      made.push(`${name}_owner`, `${name}_runtime`)
      return makeRoles(url, name)
    },
    async drop() {
      await administer(server, `drop database if exists ${name} with (force)`)
      for (const role of made) await administer(server, `drop role ${role}`)
    },
  }
}

async function makeRoles(admin: URL, name: string): Promise<TestRoles> {
  const password = randomBytes(16).toString('hex')
  const limits = `login nosuperuser nocreatedb nocreaterole password '${password}'`
  for (const statement of [
    `create role ${name}_owner ${limits}`,
    `create role ${name}_runtime ${limits}`,
    `alter database ${name} owner to ${name}_owner`,
    `revoke all on database ${name} from public`,
    `grant connect on database ${name} to ${name}_runtime`,
  ])
    await administer(admin.href, statement)
  const as = (username: string) => Object.assign(new URL(admin), { username, password }).href
  return { connectionString: as(`${name}_runtime`), migrationUrl: as(`${name}_owner`) }
}

async function administer(connectionString: string, statement: string): Promise<void> {
  const client = new Client({ connectionString })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

async function startShared(): Promise<Shared> {
  const given = process.env['STELLWERK_TEST_DATABASE_URL']
  if (given) return { connectionString: given, stop: async () => undefined }
  const folder = await temporaryFolder('test')
  // Nothing here has to survive a power cut.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '100' }
  const server = await startEmbedded({ folder, log: () => undefined, settings })
  const stop = async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return { connectionString: server.adminUrl, stop }
}
