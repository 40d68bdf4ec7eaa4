import { test } from 'node:test'
import { fuzz } from './router-fuzz-play.ts'

for (const seed of [1, 20_261_130]) {
  test(`one client never ends another's requests, whatever it and a service send (seed ${seed})`, async (t) => {
    await fuzz(t, { seed, clients: 500, forMs: 15_000 })
  })
}
