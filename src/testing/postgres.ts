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

export type TestDatabase = { readonly connectionString: string; readonly drop: () => Promise<void> }

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
  return { connectionString: url.href, drop: () => administer(server, `drop database if exists ${name} with (force)`) }
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
  return { connectionString: server.connectionString, stop }
}
