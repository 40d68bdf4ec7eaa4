/** A supervisor that lives and answers nobody: looks say so, orders end it, and nothing is done twice. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { groupMembers } from '../../src/adapters/command/process-group.ts'
import { order, refused, value } from '../../src/testing/platform-contract.ts'
import { givenProcess, givenReady, ready } from './platform-process-setup.ts'

const SIGNAL = new AbortController().signal

test('process: a supervisor that is stopped gives no answer: unknown, and nothing is started beside it', async (t) => {
  const given = await givenProcess(t)
  const { desired } = await givenReady(given)
  const supervisor = given.supervisorPid('blue')!
  process.kill(supervisor, 'SIGSTOP')
  try {
    const signal = AbortSignal.timeout(300)
    refused(await given.platform.observe('blue', signal), 'unknown', new RegExp(`supervisor \\(pid ${supervisor}\\)`))
    const ordered = await given.platform.ensure(
      'blue',
      { ...desired, instances: 2 },
      order({ signal: AbortSignal.timeout(300) }),
    )
    refused(ordered, 'unknown', /supervisor/)
    assert.equal(given.supervisorPid('blue'), supervisor)
  } finally {
    process.kill(supervisor, 'SIGCONT')
  }
  assert.equal((await ready(given)).restarts, 0)
})

test('process: an order ends a supervisor that is stopped, and its instances are adopted or ended', async (t) => {
  const given = await givenProcess(t)
  const { desired, seen: before } = await givenReady(given)
  const [pid] = given.pids('blue')
  const freeze = () => {
    const supervisor = given.supervisorPid('blue')!
    process.kill(supervisor, 'SIGSTOP')
    return supervisor
  }
  const first = freeze()
  refused(await given.platform.observe('blue', SIGNAL), 'unknown', new RegExp(`it is stopped: "kill -CONT ${first}"`))
  assert.equal(value(await given.platform.ensure('blue', { ...desired, instances: 2 }, order())).desired, 2)
  const after = await ready(given)
  assert.deepEqual([after.restarts, after.upstreams[0]], [0, before.upstreams[0]])
  assert.equal(given.pids('blue')[0], pid)
  const pids = given.pids('blue')
  const second = freeze()
  assert.notEqual(second, first)
  assert.equal(value(await given.platform.stop('blue', 'r1', order())).present, false)
  assert.deepEqual([...pids, first, second].flatMap(groupMembers), [])
  assert.match(readFileSync(join(given.folderOf('blue'), 'keeper.log'), 'utf8'), /is stopped: .*It is ended/)
})

test('process: an order of somebody who lost the environment ends no stopped supervisor', async (t) => {
  const given = await givenProcess(t)
  value(await given.platform.ensure('blue', given.desired('r1', 'healthy'), order({ fence: 7 })))
  await ready(given)
  const supervisor = given.supervisorPid('blue')!
  process.kill(supervisor, 'SIGSTOP')
  try {
    refused(await given.platform.stop('blue', 'r1', order({ fence: 6 })), 'permanent', /stale order: its fence 6/)
    assert.equal(given.supervisorPid('blue'), supervisor)
  } finally {
    process.kill(supervisor, 'SIGCONT')
  }
})
