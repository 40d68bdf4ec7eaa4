/**
 * What messages that wait for a channel cost this process: they stand in the database, so that ten times as many of them may
 * not take ten times the memory.
 */
import { playOutage } from '../../test/integration/outage.ts'
import { withDatabase } from '../database.ts'
import { rounded, times } from '../measure.ts'
import type { Benchmark } from '../run.ts'

export const name = 'engine: messages while their channel is down'

const SOME = 200
const MANY = 2000
const MB = 1_000_000

export async function run(): Promise<Benchmark> {
  // What is loaded and compiled at the first use is no message.
  await growth(SOME)
  const [some, many] = [await growth(SOME), await growth(MANY)]
  return {
    title: name,
    rows: [
      { waiting: SOME, 'heap growth, MB': rounded(some / MB) },
      { waiting: MANY, 'heap growth, MB': rounded(many / MB) },
    ],
    notes: [
      `${times(MANY / SOME)} the messages, and ${rounded((many - some) / (MANY - SOME))} bytes more per message.`,
      'After a collection, the most while they waited and when all were delivered, less before any was there; the channel of the test keeps about 100 bytes of each.',
    ],
  }
}

function growth(messages: number): Promise<number> {
  return withDatabase((adminUrl) =>
    playOutage({ connectionString: adminUrl, adminUrl, messages }, async ({ heapGrowth }) => heapGrowth),
  )
}
