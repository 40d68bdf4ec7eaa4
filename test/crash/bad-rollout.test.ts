/**
 * The control plane is killed with SIGKILL at every boundary of a bad rollout, under load, and started again at once. The
 * boundaries are not listed here: one undisturbed rollout is watched (`boundaries.ts`), so a new step is covered without a
 * new test. What it shares with a good rollout, up to its trigger, is left to the test of that one. Moments between which nothing survives a death are one point, and repeated looks are met at their first time
 * (`points.ts`); `STELLWERK_CRASH_ALL=1` dies at every single moment instead, which takes a quarter of an hour or more.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { BAD_COURSE, dieEverywhere, LANES, PLAIN_COURSE } from './everywhere.ts'

/** Alone with 600 s for the file; the complete enumeration is for a run of its own. */
const timeout = process.env['STELLWERK_CRASH_ALL'] === '1' ? 7_200_000 : 590_000

it('[L9] a bad rollout is rolled back wherever the control plane dies', {
  timeout,
  concurrency: LANES,
}, async (context) => {
  const { points, boundaries, missed } = await dieEverywhere(context, [BAD_COURSE], { known: [PLAIN_COURSE] })
  context.diagnostic(
    `${points - missed.length} deaths for ${boundaries} boundaries; not met: ${missed.join(', ') || 'none'}`,
  )
  assert.ok(boundaries > 100, `only ${boundaries} boundaries were found: the watch over them is broken`)
  assert.ok(missed.length <= points / 10, `${missed.length} of ${points} points were not met: ${missed.join(', ')}`)
})
