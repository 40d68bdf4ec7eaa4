import { test } from 'node:test'
import { fuzz } from '../integration/router-fuzz-play.ts'
import { MINUTES, SEED } from './budget.ts'

const ROUND_MS = 30_000

test(`the data plane under fire for ${MINUTES} min (seed ${SEED})`, async (t) => {
  const endsAt = performance.now() + MINUTES * 60_000
  for (let round = 0; performance.now() < endsAt; round++) {
    const forMs = Math.min(ROUND_MS, endsAt - performance.now())
    const seed = SEED + round
    await t.test(`seed ${seed}`, async (t) => {
      const played = await fuzz(t, { seed, clients: Number.POSITIVE_INFINITY, forMs })
      t.diagnostic(`${played} clients`)
    })
  }
})
