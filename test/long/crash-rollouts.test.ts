/**
 * The control plane is killed with SIGKILL at every point of a good and of a bad rollout; `npm test` dies at a quarter of them.
 * `STELLWERK_CRASH_ALL=1` dies at every single moment instead, each look included, which takes a quarter of an hour or more.
 */
import { it } from 'node:test'
import { BAD_COURSE, LANES, PLAIN_COURSE, survives } from '../crash/everywhere.ts'

const OPTIONS = { timeout: 7_200_000, concurrency: LANES }

it('[L9] a good rollout ends finalized at whatever point the control plane dies', OPTIONS, (context) =>
  survives(context, PLAIN_COURSE),
)

it('[L9] a bad rollout is rolled back at whatever point the control plane dies', OPTIONS, (context) =>
  survives(context, BAD_COURSE, { known: [PLAIN_COURSE] }),
)
