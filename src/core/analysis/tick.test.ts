import assert from 'node:assert/strict'
import { it } from 'node:test'
import { tick } from './fixture.ts'
import { readTick } from './tick.ts'

const BASE = { base: 1.02, unitMs: 0.1 }
const OTHER = { base: 1.05, unitMs: 0.1 }

it('reads counts with their latencies listed, and remembers what these are sorted into', () => {
  const read = readTick(timed(BASE, BASE), null)
  assert.ok(typeof read !== 'string')
  assert.deepEqual(read.cells.candidate, { buckets: [300], counts: [4] })
  assert.deepEqual(read.scale, BASE)
})

it('[R-E07] refuses sides that are sorted differently, in the first tick as in a later one', () => {
  assert.match(String(readTick(timed(BASE, OTHER), null)), /buckets of the latency histogram changed/)
  assert.match(String(readTick(timed(OTHER, OTHER), BASE)), /buckets of the latency histogram changed/)
  assert.notEqual(typeof readTick({ ...timed(BASE, BASE), live: emptied(OTHER) }, BASE), 'string')
})

function timed(candidate: typeof BASE, live: typeof BASE) {
  const bare = tick({ to: 5000 })
  return {
    ...bare,
    candidate: { ...bare.candidate, latency: { ...candidate, counts: { 300: 4 } } },
    live: { ...bare.live, latency: { ...live, counts: { 300: 4 } } },
  }
}

function emptied(scale: typeof BASE) {
  return { ...tick({ to: 5000 }).live, latency: { ...scale, counts: {} } }
}
