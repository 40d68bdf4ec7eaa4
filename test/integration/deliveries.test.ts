import assert from 'node:assert/strict'
import { it } from 'node:test'
import { outageProblems, playOutage } from './outage.ts'
import { testDatabase } from '../../src/testing/postgres.ts'

/** `test/long` has ten thousand of them. */
const MESSAGES = 300

it('300 messages wait out an hour in which their channel is down: none is lost, none is doubled', async () => {
  const database = await testDatabase()
  const asked = { ...(await database.roles()), adminUrl: database.connectionString, messages: MESSAGES }
  try {
    const problems = await playOutage(asked, (outage) => outageProblems(outage, MESSAGES))
    assert.deepEqual(problems, [])
  } finally {
    await database.drop()
  }
})
