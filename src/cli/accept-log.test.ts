/** Goal: nobody takes a log as it is without his name and a reason, and neither is accepted where it has no effect. */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { fakeIo } from '../testing/fake-io.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import type { Deps, StartOptions } from './deps.ts'
import { runCli } from './run.ts'

describe('up --accept-log', () => {
  let cwd = ''
  before(async () => {
    cwd = await temporaryFolder('accept')
  })
  after(() => rm(cwd, { recursive: true, force: true }))

  /** What was started, or what was said instead. */
  async function up(...args: readonly string[]) {
    const io = fakeIo({ cwd })
    let started: StartOptions | null = null
    const startControlPlane: Deps['startControlPlane'] = async (options) => {
      started = options
      throw new Error('seen enough')
    }
    const code = await runCli(['up', '--listen', '0', ...args], io, { startControlPlane })
    return { code, errors: io.errors(), started: started as StartOptions | null }
  }

  it('hands on who accepts, in one spelling, and why, on one line', async () => {
    const { started } = await up('--accept-log', ' restored\nfrom Monday ', '--by', 'Person:Alex')
    assert.deepEqual(started?.acceptLog, { by: 'person:alex', reason: 'restored from Monday' })
    assert.equal((await up()).started?.acceptLog, null)
  })

  for (const [what, args, why] of [
    ['nobody by name', ['--accept-log', 'x'], /it does not say who accepts it/],
    ['a name and nothing to accept', ['--by', 'alex'], /it says who accepts the log, and nobody does/],
    ['an e-mail address', ['--accept-log', 'x', '--by', 'alex@example.org'], /is an e-mail address/],
  ] as const) {
    it(`refuses ${what}, and starts nothing`, async () => {
      const { code, errors, started } = await up(...args)
      assert.deepEqual([code, started], [2, null])
      assert.match(errors, why)
      assert.match(errors, /--accept-log "restored from the backup of Monday" --by person:alex/)
    })
  }
})
