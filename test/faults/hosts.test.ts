/** Two hosts (two data folders) over one PostgreSQL: what runs on one is acted on from there alone. */
import assert from 'node:assert/strict'
import { chmod, cp } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startControlPlane } from '../../src/composition/start.ts'
import { testDatabase } from '../../src/testing/postgres.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { buildService, specOf } from './service.ts'
import { setStage } from './stage.ts'
import { ask, startUsers } from './users.ts'

test('the other host says "not from here", starts nothing, and hands on what it is given to do', {
  timeout: 150_000,
}, async (t) => {
  const { connectionString } = await testDatabase()
  const stage = await setStage({ databaseUrl: connectionString })
  t.after(() => stage.clear())
  const here = await stage.plane()
  const elsewhere = await temporaryFolder('host')
  await chmod(elsewhere, 0o755)
  const options = {
    dataFolder: elsewhere,
    databaseUrl: connectionString,
    replica: true,
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    progress: () => undefined,
  } as const
  // With a key of its own each would take for forged what the other writes.
  await assert.rejects(startControlPlane(options), /log of another control plane: it is written with another key/)
  await cp(join(stage.dataFolder, 'keys'), join(elsewhere, 'keys'), { recursive: true })
  const other = await startControlPlane(options)
  t.after(() => other.stop())
  const there = { ...here, url: other.url, token: other.localToken }

  let url: string | null = null
  const users = startUsers(() => url)
  t.after(() => users.stop())
  // Both engines take jobs from one queue: each of these rollouts is performed here alone.
  for (const version of ['v1', 'v2'] as const) {
    const id = await stage.release(here, 'shop', version, 'good')
    const seen = await stage.reaches(id, 'serving', ({ serving: [api] }) => api?.text === `${version} 100 %`)
    url = seen.serving[0]!.url
    const ended = await stage.ends(id)
    assert.equal(ended.phase, 'finalized', ended.reason ?? '')
    assert.equal(ended.serving[0]?.text, `${version} 100 %`)
    assert.equal(await ask(undefined, ended.serving[0]!.url!), version)
  }
  assert.equal(existsSync(join(elsewhere, 'slots')), false, 'nothing was ever started there')

  const [seen] = await other.controlPlane.status({})
  assert.doesNotMatch(JSON.stringify(seen?.serving), /"running":0/)
  const artifact = await buildService(join(elsewhere, 'builds'), 'v3', 'good')
  const spec = { text: specOf('shop'), file: 'stellwerk.yaml', folder: elsewhere }
  await assert.rejects(
    stage.call(there, '/rollouts', { spec, environment: 'prod', artifact, flags: {} }),
    /409.*shop\/prod runs on host .*: ask the control plane there.*--take-over/s,
  )
})
