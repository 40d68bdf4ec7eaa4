import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Segment, SegmentTick } from '../../observed.ts'
import { sequentialOptions, type SequentialOptions } from './options.ts'
import { demandedOfSegments, foldSegments, guiltySegment, type SegmentRound, type SegmentStates } from './segments.ts'

const ASKED = { declared: ['GET /cart'], learn: 19 }
const ERRORS = { kind: 'sequential', id: 'errors', metric: 'error-rate', tolerance: 0.2, limit: 0.02 } as const
const P95 = { kind: 'sequential', id: 'p95', metric: 'latency-p95', tolerance: 0.1, limit: 500 } as const
const OPTIONS = sequentialOptions([ERRORS, P95], false, { segments: ASKED })!
const ROUND: SegmentRound = { exposed: true, alone: false, warm: true, clustering: 1 }
const BEFORE: SegmentRound = { ...ROUND, exposed: false, warm: false }
const COLD: SegmentRound = { ...ROUND, warm: false }

/** Ticks until the segment is found; Infinity where it is not within `most`. */
function foundAfter(
  candidate: Segment,
  live: Segment,
  { round = ROUND, before = 60, most = 100, usual = [9, 0, 0] as Segment, options = OPTIONS } = {},
): number {
  let states: SegmentStates = {}
  const fold = (tick: SegmentTick, how: SegmentRound) => (states = foldSegments(states, { cart: tick }, options, how))
  for (let tick = 0; tick < before; tick++) fold({ candidate: [0, 0, 0], live: usual }, BEFORE)
  for (let tick = 1; tick <= most; tick++) {
    fold({ candidate, live }, round)
    if (guiltySegment(states, options, round.alone) !== null) return tick
  }
  return Number.POSITIVE_INFINITY
}

describe('one chance for all', () => {
  it('is shared: four fifths for the whole, one fifth for twenty segments', () => {
    assert.equal(OPTIONS.alpha.rollback, 0.008)
    assert.equal(Math.round(demandedOfSegments(OPTIONS)), 10_000)
    assert.equal(OPTIONS.segments, 20)
  })

  it('is the whole’s alone where no segment is judged', () => {
    const none = sequentialOptions([ERRORS], false, { segments: { declared: [], learn: 0 } })!
    assert.equal(none.alpha.rollback, 0.01)
    assert.equal(none.segments, undefined)
    assert.deepEqual(sequentialOptions([ERRORS]), none)
  })
})

describe('a segment of the candidate', () => {
  it('is found dead after a few failed requests: beside live, while the candidate starts, and alone', () => {
    assert.ok(foundAfter([1, 1, 0], [9, 0, 0]) <= 8)
    assert.ok(foundAfter([1, 1, 0], [9, 0, 0], { round: COLD }) <= 9)
    assert.ok(foundAfter([10, 10, 0], [0, 0, 0], { round: { ...ROUND, alone: true } }) <= 5)
    assert.ok(foundAfter([10, 10, 0], [10, 0, 0]) <= 4)
  })

  it('is not found by a hiccup of three ticks, however many requests', () => {
    assert.ok(foundAfter([500, 500, 0], [4500, 0, 0]) > 3)
  })

  it('is found slow beyond the limit beside live, and not where no rule compares latencies', () => {
    assert.ok(foundAfter([4, 0, 3], [36, 0, 1]) <= 20)
    const errorsOnly: SequentialOptions = { ...OPTIONS, latency: null }
    assert.equal(foundAfter([4, 0, 3], [36, 0, 1], { options: errorsOnly }), Number.POSITIVE_INFINITY)
  })

  it('is held against nothing that live has as well', () => {
    assert.equal(foundAfter([4, 4, 4], [36, 36, 36]), Number.POSITIVE_INFINITY)
    assert.equal(foundAfter([4, 2, 2], [36, 18, 18]), Number.POSITIVE_INFINITY)
    const usual: Segment = [9, 5, 0]
    assert.equal(
      foundAfter([40, 20, 0], [0, 0, 0], { usual, round: { ...ROUND, alone: true } }),
      Number.POSITIVE_INFINITY,
    )
  })

  it('is held against nothing where live was never asked for it: nobody knows how it was', () => {
    assert.equal(foundAfter([9, 9, 0], [0, 0, 0], { before: 0 }), Number.POSITIVE_INFINITY)
  })

  it('is not found where live was not asked meanwhile, though it was before', () => {
    assert.equal(foundAfter([9, 9, 0], [0, 0, 0]), Number.POSITIVE_INFINITY)
  })

  it('is not found below the limit, as what is milder may heal', () => {
    assert.equal(foundAfter([200, 3, 0], [1800, 0, 0], { most: 400 }), Number.POSITIVE_INFINITY)
    assert.ok(foundAfter([200, 8, 0], [1800, 0, 0], { most: 400 }) < 400)
  })
})

describe('what is remembered of segments', () => {
  const tick: SegmentTick = { candidate: [3, 1, 1], live: [20, 1, 2] }

  it('is bounded in number: the first ones stay', () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`s${index}`, tick]))
    const states = foldSegments({}, many, OPTIONS, ROUND)
    assert.deepEqual(Object.keys(states), Object.keys(many).slice(0, 20))
    const later = foldSegments(states, { late: tick, s3: tick }, OPTIONS, ROUND)
    assert.equal(later['late'], undefined)
    assert.deepEqual(later['s3']?.live.slice(0, 2), [40, 2])
  })

  it('is at most 4.5 KiB of JSON after any length of time', () => {
    const names = Array.from({ length: 20 }, (_, index) => `POST /customers/:id/orders/${index}`)
    let states: SegmentStates = {}
    for (let turn = 0; turn < 2000; turn++) {
      const drawn = names.map((name, index): [string, SegmentTick] => [
        name,
        { candidate: [7 + index, turn % (7 + index), turn % 3], live: [60 + index, turn % 5, turn % 4] },
      ])
      states = foldSegments(states, Object.fromEntries(drawn), OPTIONS, ROUND)
    }
    assert.ok(JSON.stringify(states).length <= 4.5 * 1024, `${JSON.stringify(states).length} bytes`)
  })

  it('does not count what a segment had before it was known', () => {
    const states = foldSegments({}, { cart: { candidate: [9, 9, 9], live: [0, 0, 0], begun: true } }, OPTIONS, ROUND)
    assert.deepEqual(states['cart']?.live, [0, 0, 0, 0])
    assert.deepEqual(states['cart']?.run, [0, 0, 0, 0, 0, 0, 0, 0])
  })
})
