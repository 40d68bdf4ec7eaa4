/**
 * The control plane is killed at the boundaries that only a release has which changes the set of components: as many as there is
 * time for, spread over all of them. Fifteen minutes are enough for every one on two cores.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { dieEverywhere, LANES } from '../crash/everywhere.ts'
import { OTHER_COURSES, SET_COURSES } from '../crash/set-courses.ts'
import { MINUTES } from './budget.ts'

const POINTS_PER_MINUTE = 6

it('[L9] a release that changes the set of components ends as it should wherever the control plane dies', {
  timeout: 3_600_000,
  concurrency: LANES,
}, async (context) => {
  const { points, boundaries, missed } = await dieEverywhere(context, SET_COURSES, {
    known: OTHER_COURSES,
    sample: MINUTES * POINTS_PER_MINUTE,
  })
  context.diagnostic(
    `${points - missed.length} deaths for ${boundaries} boundaries; not met: ${missed.join(', ') || 'none'}`,
  )
  assert.ok(points >= POINTS_PER_MINUTE, `only ${points} points were found that no other release has`)
  assert.ok(missed.length <= points / 10, `${missed.length} of ${points} points were not met: ${missed.join(', ')}`)
})
