/**
 * The control plane is killed at some of the boundaries that only a release has which changes the set of components, spread
 * over all of them; at every one in `test/long/crash-sets.test.ts`.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { dieEverywhere, LANES } from './everywhere.ts'
import { OTHER_COURSES, SET_COURSES } from './set-courses.ts'

const SAMPLE = 4

it('[L9] a release that changes the set of components ends as it should wherever the control plane dies', {
  timeout: 590_000,
  concurrency: LANES,
}, async (context) => {
  const { points, boundaries, missed } = await dieEverywhere(context, SET_COURSES, {
    known: OTHER_COURSES,
    sample: SAMPLE,
  })
  context.diagnostic(
    `${points - missed.length} deaths for ${boundaries} boundaries; not met: ${missed.join(', ') || 'none'}`,
  )
  assert.ok(points >= SAMPLE, `only ${points} points were found that no other release has`)
  assert.ok(missed.length <= 1, `${missed.length} of ${points} points were not met: ${missed.join(', ')}`)
})
