import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Segments } from '../observed.ts'
import { segmentsAfter, segmentTicks } from './segment-ticks.ts'

const both = (candidate: Segments | undefined, live: Segments | undefined) => ({ candidate, live })

describe('what happened in each segment between two looks', () => {
  it('is the difference of both sides, of those that were asked for anything', () => {
    const before = both({ a: [10, 1, 0], b: [5, 0, 0] }, { a: [90, 2, 1], b: [40, 0, 0] })
    const now = both({ a: [12, 2, 1], b: [5, 0, 0] }, { a: [99, 2, 3], b: [40, 0, 0] })
    assert.deepEqual(segmentTicks(before, now, true), { a: { candidate: [2, 1, 1], live: [9, 0, 2] } })
  })

  it('is nothing where the source tells no segments, as in logs of earlier versions', () => {
    assert.equal(segmentTicks(both(undefined, undefined), both(undefined, undefined), true), undefined)
    assert.deepEqual(segmentsAfter(undefined, undefined, 'live'), {})
  })

  it('only begins with a segment that is new, whose counters fell, and where all counters began anew', () => {
    const before = both({ fell: [10, 0, 0] }, { fell: [90, 0, 0] })
    const now = both({ fell: [9, 9, 0], new: [7, 7, 0] }, { fell: [95, 0, 0], new: [0, 0, 0] })
    const begun = { fell: { candidate: [9, 9, 0], live: [95, 0, 0], begun: true } } as const
    const told = segmentTicks(before, now, true)
    assert.deepEqual(told, { ...begun, new: { candidate: [7, 7, 0], live: [0, 0, 0], begun: true } })
    assert.deepEqual(segmentTicks(now, both(undefined, { fell: [96, 0, 0] }), false)?.['fell']?.begun, true)
    assert.deepEqual(segmentsAfter(before.candidate, told, 'candidate'), {
      segments: { fell: [9, 9, 0], new: [7, 7, 0] },
    })
  })

  it('goes on from what was counted, also where a segment was not asked for anything in between', () => {
    const first = both({ a: [1, 0, 0] }, { a: [10, 0, 0] })
    const second = both({ a: [3, 1, 0] }, { a: [20, 0, 2] })
    const told = segmentTicks(first, second, true)
    assert.deepEqual(segmentsAfter(first.candidate, told, 'candidate').segments, second.candidate)
    assert.deepEqual(segmentsAfter(first.live, told, 'live').segments, second.live)
    assert.deepEqual(segmentsAfter(first.live, {}, 'live').segments, first.live)
  })

  it('leaves out what is no count, and forgets to learn more than a hundred names', () => {
    const names = Array.from({ length: 150 }, (_, index) => [`s${index}`, [1, 0, 0]] as const)
    const told = segmentTicks(both({}, {}), both({}, Object.fromEntries(names)), true)
    assert.equal(Object.keys(told ?? {}).length, 100)
    assert.deepEqual(segmentTicks(both({}, {}), both({ a: [Number.NaN, 0, 0] }, {}), true), {})
  })
})
