import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Labels, Samples } from './answer.ts'
import { type Counters, type RangeTick, ticksOf, usualInterval } from './range-ticks.ts'

const GRID = { fromMs: 100_000, toMs: 160_000, stepMs: 10_000, latencyUnitMs: 1000 }

/** Values every 10 s from 95 s on, which is before the grid; null: not scraped. */
function series(labels: Labels, values: readonly (number | null)[], first = 95): Samples {
  const samples = values.flatMap((value, index) => (value === null ? [] : [[first + 10 * index, value] as const]))
  return { labels: { job: 'app', instance: 'a', ...labels }, samples }
}

function counted(counters: Partial<Counters>): readonly RangeTick[] {
  return ticksOf({ requests: [], errors: [], latency: null, ...counters }, GRID)
}

describe('counters as counts per tick', () => {
  it('counts what happened between two samples in the tick of the later one', () => {
    const ticks = counted({
      requests: [series({}, [50, 53, 60, 60, 64, 65, 66])],
      errors: [series({ status: '500' }, [1, 1, 3, 3, 3, 3, 4])],
    })
    assert.deepEqual(ticks[0], { at: 110_000, from: 100_000, requests: 3, errors: 0, latency: null })
    assert.deepEqual(
      ticks.map(({ requests }) => requests),
      [3, 7, 0, 4, 1, 1],
    )
    assert.deepEqual(
      ticks.map(({ errors }) => errors),
      [0, 2, 0, 0, 0, 1],
    )
  })

  it('takes a counter that fell for one that began anew', () => {
    const ticks = counted({ requests: [series({}, [50, 53, 2, 4, 4, 4, 4])] })
    assert.deepEqual(
      ticks.map(({ requests }) => requests),
      [3, 2, 2, 0, 0, 0],
    )
  })

  it('counts the first 500 of an instance that was there before, and nothing of what a new instance brings', () => {
    const requests = [
      series({ status: '200' }, [50, 53, 60, 60, 64, 65, 66]),
      series({ status: '500' }, [null, null, 5, 5, 5, 5, 5]),
    ]
    assert.deepEqual(
      counted({ requests }).map(({ requests }) => requests),
      [3, 12, 0, 4, 1, 1],
    )
    const late = series({ instance: 'b' }, [null, null, 900, 910, 920, 920, 920])
    assert.deepEqual(
      counted({ requests: [requests[0]!, late] }).map(({ requests }) => requests),
      [3, 7, 10, 14, 1, 1],
    )
    assert.deepEqual(
      counted({ requests: [late] }).map(({ at }) => at),
      [130_000, 140_000, 150_000, 160_000],
    )
  })

  it('leaves a tick out in which one instance was not scraped; what happened counts with the next', () => {
    const one = series({}, [0, 10, 20, null, 40, 50, 60])
    const two = series({ instance: 'b' }, [0, 1, 2, 3, 4, 5, 6])
    const ticks = counted({ requests: [one, two] })
    assert.deepEqual(
      ticks.map(({ at }) => at),
      [110_000, 120_000, 140_000, 150_000, 160_000],
    )
    assert.deepEqual(
      ticks.map(({ requests }) => requests),
      [11, 11, 22, 11, 11],
    )
    assert.equal(ticks[2]?.from, 120_000)
  })

  it('goes on without an instance that is gone for good, and takes no NaN for a number', () => {
    const gone = series({ instance: 'b' }, [0, 1, 2, null, null, null, null])
    const ticks = counted({ requests: [series({}, [0, 10, 20, 30, Number.NaN, 50, 60]), gone] })
    assert.deepEqual(
      ticks.map(({ requests }) => requests),
      [11, 11, 10, 20, 10],
    )
  })

  it('adds latencies up by edge, whatever the spelling, in the unit of its edges', () => {
    const latency = [
      series({ le: '0.3' }, [0, 5, 9, 9, 9, 9, 9]),
      series({ le: '+Inf' }, [0, 6, 11, 11, 11, 11, 11]),
      series({ instance: 'b', le: '0.30' }, [0, 1, 1, 1, 1, 1, 1]),
    ]
    const requests = [series({}, [0, 6, 11, 11, 11, 11, 11]), series({ instance: 'b' }, [0, 1, 1, 1, 1, 1, 1])]
    assert.deepEqual(counted({ requests, latency })[0]?.latency, [
      [300, 6],
      [Infinity, 6],
    ])
  })

  it('tells segments apart by a label, each with every edge, a tick that was left out included', () => {
    const requests = [
      series({ route: 'a' }, [0, 10, null, 30, 40, 50, 60]),
      series({ route: 'b', status: '200' }, [0, 1, null, 3, 4, 5, 6]),
      series({ route: 'b', status: '500' }, [null, null, null, 2, 2, 2, 2]),
    ]
    const errors = [requests[2]!]
    const latency = [
      series({ route: 'a', le: '0.3' }, [0, 9, null, 9, 9, 9, 9]),
      series({ route: 'a', le: '+Inf' }, [0, 10, null, 30, 40, 50, 60]),
    ]
    const [, second] = ticksOf({ requests, errors, latency }, GRID, 'route')
    assert.deepEqual(second?.segments, {
      a: {
        requests: 20,
        errors: 0,
        latency: [
          [300, 0],
          [Infinity, 20],
        ],
      },
      b: {
        requests: 4,
        errors: 2,
        latency: [
          [300, 0],
          [Infinity, 0],
        ],
      },
    })
    assert.equal(second?.requests, 24)
    assert.deepEqual(Object.keys(ticksOf({ requests, errors, latency }, GRID, 'tenant')[0]?.segments ?? {}), [
      'without tenant',
    ])
  })

  it('knows how often it was scraped', () => {
    assert.equal(usualInterval([series({}, [0, 1, null, 3, 4, 5, 6])]), 10_000)
    assert.equal(usualInterval([series({}, [0])]), null)
  })
})
