/**
 * The control plane is killed with SIGKILL at boundaries of a bad rollout, as in `good-rollout.test.ts`. What it shares with a
 * good rollout, up to its trigger, is left to the test of that one.
 */
import { it } from 'node:test'
import { BAD_COURSE, LANES, PLAIN_COURSE, survives } from './everywhere.ts'

it(
  '[L9] a bad rollout is rolled back wherever the control plane dies',
  {
    timeout: 590_000,
    concurrency: LANES,
  },
  (context) => survives(context, BAD_COURSE, { known: [PLAIN_COURSE], share: 0.2 }),
)
