/** The embedded PostgreSQL belongs to a folder: whoever comes finds it, adopts it, and never starts a second one. */
import { strict as assert } from 'node:assert'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { Client } from 'pg'
import { StoreUnavailableError } from '../../src/ports/store.ts'
import { type EmbeddedPostgres, startEmbedded } from '../../src/store/embedded/index.ts'
import { openPostgresStore } from '../../src/store/postgres/index.ts'
import { happened } from '../../src/testing/store-suite.ts'
import { until } from '../../src/testing/until.ts'

describe('embedded PostgreSQL', () => {
  let folder = ''
  const lines: string[] = []
  const started: EmbeddedPostgres[] = []
  const children: ChildProcess[] = []
  const homes = new Set<string>()

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stellwerk-embedded-'))
    await chmod(folder, 0o755)
  })
  after(async () => {
    for (const home of [...homes, folder]) await rm(home, { recursive: true, force: true })
  })
  beforeEach(() => {
    lines.length = 0
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    for (const one of started.splice(0)) await one.stop().catch(() => undefined)
    // Whatever a test left running is ended by the id it wrote down.
    for (const home of homes) {
      const pid = Number((await readFile(join(home, 'data/postmaster.pid'), 'utf8').catch(() => '0')).split('\n')[0])
      if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGQUIT')
      if (pid > 0) await until('the database to end', () => !isAlive(pid))
    }
  })

  async function start(into = folder): Promise<EmbeddedPostgres> {
    const one = await startEmbedded({ folder: into, log: (line) => lines.push(line), settings: { fsync: 'off' } })
    started.push(one)
    homes.add(one.home)
    return one
  }

  function isAlive(pid: number): boolean {
    try {
      process.kill(pid, 0)
      return true
    } catch {
      return false
    }
  }

  async function ask(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString })
    await client.connect()
    try {
      return (await client.query(text)).rows
    } finally {
      await client.end()
    }
  }

  /** A control plane of its own process that starts the database of our folder, says its id, and waits to be killed. */
  async function startElsewhere(): Promise<{ child: ChildProcess; pid: number; isOurs: boolean }> {
    const script = join(import.meta.dirname, 'store-embedded-owner.ts')
    const child = fork(script, [folder], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    children.push(child)
    homes.add(join(folder, 'postgres'))
    const [message] = (await once(child, 'message')) as [{ pid: number; isOurs: boolean }]
    return { child, ...message }
  }

  async function kill(child: ChildProcess): Promise<void> {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  it('a second start finds everything, on the same port, with the same password', async () => {
    const first = await start()
    await ask(first.adminUrl, 'create table if not exists kept (x int)')
    const catalogue = `select rolname as name, xmin::text from pg_authid where rolname like 'stellwerk%'
      union all select datname, xmin::text from pg_database order by 1`
    const written = await ask(first.adminUrl, catalogue)
    await first.stop()
    assert.equal(isAlive(first.pid), false)
    const second = await start()
    assert.deepEqual(await ask(second.adminUrl, catalogue), written, 'a start on a full disk writes no roles')
    const urls = ({ connectionString, ownerUrl, adminUrl }: EmbeddedPostgres) => [connectionString, ownerUrl, adminUrl]
    assert.deepEqual(urls(second), urls(first))
    assert.deepEqual(await ask(second.adminUrl, 'select * from kept'), [])
    await second.stop()
    await second.stop()
  })

  it('it listens on the loopback only, and its secrets are readable by their owner only', async () => {
    const { connectionString, ownerUrl, adminUrl, home } = await start()
    assert.deepEqual(await ask(adminUrl, 'show listen_addresses'), [{ listen_addresses: '127.0.0.1' }])
    assert.deepEqual(await ask(adminUrl, 'show unix_socket_directories'), [{ unix_socket_directories: '' }])
    for (const file of ['password', 'owner-password', 'runtime-password'])
      assert.equal((await stat(join(home, file))).mode & 0o777, 0o600, file)
    const wrong = new URL(connectionString)
    wrong.password = 'guessed'
    await assert.rejects(ask(wrong.href, 'select'), /password authentication failed/)
    assert.equal((await readdir(home)).includes('initdb.password'), false)
    const passwords = [connectionString, ownerUrl, adminUrl].map((url) => new URL(url).password)
    assert.equal(new Set(passwords).size, 3)
    const said = [...lines, await readFile(join(home, 'postgres.log'), 'utf8')].join('\n')
    for (const password of passwords) assert.equal(said.includes(password), false)
  })

  it('a database that survived its killed control plane is adopted', async () => {
    const { child, pid, isOurs } = await startElsewhere()
    assert.equal(isOurs, true)
    await kill(child)
    assert.equal(isAlive(pid), true)
    const adopted = await start()
    assert.deepEqual([adopted.pid, adopted.isOurs], [pid, false])
    assert.match(lines.join('\n'), /adopted the running database/)
    await adopted.stop()
    assert.equal(isAlive(pid), false)
  })

  it('of two who start at once one starts it and the other adopts it', async () => {
    const [one, two] = await Promise.all([startElsewhere(), startElsewhere()])
    assert.equal(one.pid, two.pid)
    assert.deepEqual([one.isOurs, two.isOurs].toSorted(), [false, true])
    const third = await start()
    assert.equal(third.pid, one.pid)
  })

  it('who stops leaves it to the others; the last one takes it along', async () => {
    const other = await startElsewhere()
    const mine = await start()
    await mine.stop()
    assert.equal(isAlive(other.pid), true)
    const [again, twice] = [await start(), await start()]
    await kill(other.child)
    await again.stop()
    assert.equal(isAlive(other.pid), true)
    await twice.stop()
    assert.equal(isAlive(other.pid), false)
  })

  it('a killed database leaves a stale file, which is no obstacle', async () => {
    const first = await start()
    await ask(first.adminUrl, 'create table if not exists kept (x int)')
    process.kill(first.pid, 'SIGKILL')
    await until('it to end', () => !isAlive(first.pid))
    assert.ok((await readdir(join(first.home, 'data'))).includes('postmaster.pid'))
    const second = await start()
    assert.notEqual(second.pid, first.pid)
    assert.match(lines.join('\n'), /was not stopped properly last time/)
    assert.deepEqual(await ask(second.adminUrl, 'select * from kept'), [])
  })

  it("a stale file that names somebody else's process is no obstacle either", async () => {
    const first = await start()
    await first.stop()
    const text = `${process.pid}\n${join(first.home, 'data')}\n1\n${first.port}\n\n127.0.0.1\n`
    await writeFile(join(first.home, 'data/postmaster.pid'), text)
    const second = await start()
    assert.notEqual(second.pid, process.pid)
    assert.deepEqual(await ask(second.connectionString, 'select 1 as one'), [{ one: 1 }])
  })

  it('a lock of a process that died is void, and nothing of it stays', async () => {
    const first = await start()
    await first.stop()
    const { child } = await startElsewhere()
    await kill(child)
    await writeFile(join(first.home, 'start.lock'), `${child.pid} 1`)
    await writeFile(join(first.home, `start.lock.${child.pid}-1`), `${child.pid} 1`)
    assert.equal((await start()).isOurs, false)
    assert.deepEqual(
      (await readdir(first.home)).filter((name) => name.startsWith('start.lock')),
      [],
    )
  })

  it('another port is taken when the kept one is taken by somebody else, and then kept', async () => {
    const first = await start()
    await first.stop()
    const squatter = createServer().listen(first.port, '127.0.0.1')
    await once(squatter, 'listening')
    const second = await start()
    assert.notEqual(second.port, first.port)
    assert.match(lines.join('\n'), new RegExp(`port ${first.port} is taken by somebody else`))
    await second.stop()
    squatter.close()
    assert.equal((await start()).port, second.port)
  })

  it('data of another major version is refused', async () => {
    const first = await start()
    await first.stop()
    await writeFile(join(first.home, 'data/PG_VERSION'), '15\n')
    await assert.rejects(start(), /was written by PostgreSQL 15; installed is 18: dump it with the old one first/)
    await writeFile(join(first.home, 'data/PG_VERSION'), '18\n')
  })

  it('a server that cannot start says its last words', async () => {
    const first = await start()
    await first.stop()
    const attempt = startEmbedded({ folder, log: () => undefined, settings: { max_connections: 'many' } })
    await assert.rejects(attempt, /starting the embedded database in .* failed\. Its last words:[^]*max_connections/)
    assert.equal((await start()).port, first.port)
  })

  it('as root under a closed folder, it lives elsewhere and says so', {
    skip: process.getuid?.() !== 0 && 'not root',
  }, async () => {
    const closed = join(folder, 'closed')
    await mkdir(closed, { mode: 0o700 })
    const first = await start(closed)
    assert.match(first.home, /^\/var\/lib\/stellwerk\/[0-9a-f]{16}$/)
    assert.match(lines.join('\n'), /is closed to the user "postgres": the database is kept in \/var\/lib\/stellwerk/)
    await first.stop()
    // Once chosen it stays, even when the way is open now.
    await chmod(closed, 0o755)
    const second = await start(closed)
    assert.equal(second.home, first.home)
  })

  it('a way that was closed afterwards is named', { skip: process.getuid?.() !== 0 && 'not root' }, async () => {
    await (await start()).stop()
    await chmod(folder, 0o700)
    await assert.rejects(start(), /can no longer be reached by the user "postgres": run "chmod o\+x .*"/)
    await chmod(folder, 0o755)
  })

  it('writers live through a restart of the database: nothing lost, nothing double', async () => {
    const first = await start()
    const { connectionString, ownerUrl: migrationUrl } = first
    const store = await openPostgresStore({ connectionString, migrationUrl })
    const over = new AbortController()
    const confirmed = new Map<string, number>()
    let interrupted = 0
    const write = async (stream: string) => {
      while (!over.signal.aborted) {
        try {
          // Read before repeating: a commit whose end is unknown may have happened.
          const version = (await store.row(stream))?.version ?? 0
          await store.transact((tx) => tx.append(stream, version, [happened('A')]))
          confirmed.set(stream, version + 1)
        } catch (error) {
          if (!(error instanceof StoreUnavailableError)) throw error
          interrupted += 1
        }
      }
    }
    const writers = ['s1', 's2', 's3'].map(write)
    const least = () => Math.min(...['s1', 's2', 's3'].map((stream) => confirmed.get(stream) ?? 0))
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
      const before = least()
      await until('everybody to write', () => least() > before + 5)
      const pid = (started.at(-1) as EmbeddedPostgres).pid
      process.kill(pid, signal)
      await until('the database to end', () => !isAlive(pid))
      await start()
    }
    const before = least()
    await until('everybody to write again', () => least() > before + 5)
    over.abort()
    await Promise.all(writers)
    assert.ok(interrupted > 0)
    const log = await store.readAll(0, 1_000_000)
    assert.deepEqual(
      log.map((event) => event.position),
      log.map((_, index) => index + 1),
    )
    for (const [stream, version] of confirmed) assert.ok(((await store.row(stream))?.version ?? 0) >= version)
    await store.close()
  })
})
