/** One control plane per data folder and per database, from the first moment on. */
import { english, type Sentence } from '../../src/core/say.ts'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdirSync, symlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { claimDatabase, holdFolder } from '../../src/composition/alone.ts'
import { systemClock } from '../../src/composition/clock.ts'
import { StellwerkError } from '../../src/errors.ts'
import { processStart } from '../../src/router/guard/lock.ts'
import { testDatabase } from '../../src/testing/postgres.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const PROGRAM = `
  import { holdFolder } from ${JSON.stringify(join(import.meta.dirname, '../../src/composition/alone.ts'))}
  try { holdFolder(process.argv[1], process.argv[2] === 'replica'); console.log('held') }
  catch (error) { console.log(JSON.stringify(error.text)) }
  setInterval(() => undefined, 1000)`

async function folderOf(t: TestContext): Promise<string> {
  const folder = await temporaryFolder('alone')
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

/** Processes that each try to hold the folder at the same time; what each of them said. */
async function race(t: { after(work: () => void): void }, folder: string, kinds: readonly string[]) {
  const racers = kinds.map((kind) => {
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', PROGRAM, folder, kind])
    let said = ''
    child.stdout.on('data', (chunk) => (said += chunk))
    t.after(() => child.kill('SIGKILL'))
    return { child, said: () => said.trim() }
  })
  await until('all have said it', () => racers.every(({ said }) => said() !== ''), { timeoutMs: 30_000 })
  return racers
}

test('of four that start at once in one data folder at most one runs, and the others say who', async (t) => {
  const folder = await folderOf(t)
  const racers = await race(t, folder, ['alone', 'alone', 'alone', 'alone'])
  const held = racers.filter(({ said }) => said() === 'held')
  assert.equal(held.length, 1)
  for (const { said } of racers.filter((each) => !held.includes(each))) {
    const text = JSON.parse(said()) as Record<'what' | 'fix', Sentence>
    assert.match(english(text.what), new RegExp(`runs here already \\(process ${held[0]!.child.pid}, since 20`))
    assert.match(english(text.fix), new RegExp(`kill ${held[0]!.child.pid}`))
  }
  held[0]!.child.kill('SIGKILL')
  await until('its process is gone', () => processStart(held[0]!.child.pid!) === null)
  holdFolder(folder, false)()
})

test('replicas share a folder; one that wants to be alone is refused beside them, and they beside it', async (t) => {
  const folder = await folderOf(t)
  const replicas = await race(t, folder, ['replica', 'replica'])
  assert.deepEqual(
    replicas.map(({ said }) => said()),
    ['held', 'held'],
  )
  assert.throws(() => holdFolder(folder, false), /a control plane runs here already/)
  for (const { child } of replicas) child.kill('SIGKILL')
  await until('they are gone', () => replicas.every(({ child }) => processStart(child.pid!) === null))
  const release = holdFolder(folder, false)
  const [late] = await race(t, folder, ['replica'])
  assert.match(late!.said(), /--replica as well/)
  release()
})

test('a lock of a dead process, or of a number that somebody else has by now, is no lock', async (t) => {
  for (const target of [
    `${process.pid} 1 2026-01-01T00:00:00.000Z`,
    `999999999 123 2026-01-01T00:00:00.000Z`,
    'nonsense',
  ]) {
    const folder = await folderOf(t)
    symlinkSync(target, join(folder, 'control-plane.lock'))
    holdFolder(folder, false)()
    assert.deepEqual(readdirSync(folder), [], target)
  }
})

test('two data folders on one database: the second is refused with who has it; after a kill it is free', async (t) => {
  const { connectionString } = await testDatabase()
  const claim = (isReplica: boolean, onLost: (error: Error) => void = () => undefined) =>
    claimDatabase({ connectionString, isReplica, clock: systemClock, log, onLost })
  const first = await claim(false)
  await assert.rejects(claim(false), (error: unknown) => {
    assert.ok(error instanceof StellwerkError)
    assert.match(english(error.text.what), new RegExp(`works on this database \\(stellwerk ${process.pid}@.* since 20`))
    return true
  })
  await assert.rejects(claim(true), /works on this database/)
  await first.stop()
  const replicas = [await claim(true), await claim(true)]
  await assert.rejects(claim(false), /works on this database/)
  for (const replica of replicas) await replica.stop()
  const last = await claim(false)
  t.after(() => last.stop())
})
