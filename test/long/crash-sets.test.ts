/** The control plane is killed at every boundary that only a release has which changes the set of components. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { dieEverywhere, LANES } from '../crash/everywhere.ts'
import { OTHER_COURSES, SET_COURSES } from '../crash/set-courses.ts'

it('[L9] a release that changes the set of components ends as it should wherever the control plane dies', {
  timeout: 3_600_000,
  concurrency: LANES,
}, async (context) => {
  const { points, boundaries, missed } = await dieEverywhere(context, SET_COURSES, { known: OTHER_COURSES })
  context.diagnostic(
    `${points - missed.length} deaths for ${boundaries} boundaries; not met: ${missed.join(', ') || 'none'}`,
  )
  assert.ok(points > 20, `only ${points} points were found that no other release has`)
  assert.ok(missed.length <= points / 10, `${missed.length} of ${points} points were not met: ${missed.join(', ')}`)
})
