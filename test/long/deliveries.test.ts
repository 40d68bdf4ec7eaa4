import assert from 'node:assert/strict'
import { it } from 'node:test'
import { outageProblems, playOutage } from '../integration/outage.ts'
import { testDatabase } from '../../src/testing/postgres.ts'

const MESSAGES = 10_000

it('10,000 messages wait out an hour in which their channel is down: none is lost, none is doubled', {
  timeout: 1_800_000,
}, async () => {
  const database = await testDatabase()
  const asked = { ...(await database.roles()), adminUrl: database.connectionString, messages: MESSAGES }
  try {
    const problems = await playOutage(asked, (outage) => outageProblems(outage, MESSAGES))
    assert.deepEqual(problems, [])
  } finally {
    await database.drop()
  }
})
