/**
 * The control plane is killed with SIGKILL at boundaries of a good rollout, under load, and started again at once. The
 * boundaries are not listed here: one undisturbed rollout is watched (`boundaries.ts`), so a new step is covered without a
 * new test. Moments between which nothing survives a death are one point, and repeated looks are met at their first time
 * (`points.ts`). A fifth of the points are died at here, every kind of them; all of them in `test/long/crash-rollouts.test.ts`.
 */
import { it } from 'node:test'
import { LANES, PLAIN_COURSE, survives } from './everywhere.ts'

it(
  '[L9] a good rollout ends finalized wherever the control plane dies',
  {
    timeout: 590_000,
    concurrency: LANES,
  },
  (context) => survives(context, PLAIN_COURSE, { share: 0.2 }),
)
