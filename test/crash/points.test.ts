import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kindsOf, type Point, sampleOf } from './points.ts'

function point(...labels: readonly [string, ...string[]]): { readonly point: Point } {
  return { point: { boundaries: [{ name: labels[0], side: 'after', occurrence: 1 }], standsFor: labels } }
}

const shifts = [10, 20, 50, 60, 70, 80, 90, 100].map((weight) => point(`shift ${weight} · commit CommandDone · after`))
const rare = point('smoke · call smoke.run · after', 'smoke · commit CommandDone Smoke · before')

test('a kind is what happens, in whichever step and on whichever side', () => {
  assert.deepEqual(kindsOf(rare.point), ['call smoke.run', 'commit CommandDone Smoke'])
})

test('a sample is spread over all points', () => {
  assert.deepEqual(
    sampleOf(shifts, 0.5),
    shifts.filter((_, index) => index % 2 === 0),
  )
  assert.deepEqual(sampleOf(shifts, 1), shifts)
})

test('and holds every kind of them, in their order', () => {
  const all = [...shifts.slice(0, 1), rare, ...shifts.slice(1)]
  assert.ok(sampleOf(all, 0.25).includes(rare))
  assert.deepEqual(
    sampleOf(all, 0.25),
    all.filter((task) => sampleOf(all, 0.25).includes(task)),
  )
})
