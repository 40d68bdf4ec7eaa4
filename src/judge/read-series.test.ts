import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { english } from '../core/say.ts'
import { csv, drawn, NOON } from './fixture.ts'
import { readSeries } from './read-series.ts'

const HEAD = 'time,requests,errors'
const LATE = '2026-11-30T12:00:10Z'

function problemsOf(text: string): readonly string[] {
  const read = readSeries(text)
  return read.ok ? [] : read.problems.map(({ line, said }) => `${line}: ${english(said)}`)
}

describe('counts out of a file', () => {
  it('reads CSV as it was written, latencies too, and knows the line of each tick', () => {
    const { candidate } = drawn(3, {
      candidate: { perTick: 20, errors: 0.1, medianMs: 80 },
      live: { perTick: 1, errors: 0 },
    })
    const read = readSeries(csv(candidate))
    assert.deepEqual(read, { ok: true, ticks: candidate, lines: [2, 3, 4] })
  })

  it('reads the same from a JSON object a line, with time as text, seconds or milliseconds', () => {
    const edges = { '100ms': 8, '0.3s': 9, '+Inf': 10 }
    const times = ['2026-11-30T12:00:05Z', NOON / 1000 + 10, NOON + 15_000]
    const text = times.map((time) => JSON.stringify({ time, requests: 10, errors: 1, latency: edges })).join('\n\n')
    const read = readSeries(text)
    assert.ok(read.ok)
    assert.deepEqual(
      read.ticks.map(({ at }) => at - NOON),
      [5000, 10_000, 15_000],
    )
    assert.deepEqual(read.ticks[2]?.latency, [
      [100, 8],
      [300, 9],
      [Infinity, 10],
    ])
    assert.deepEqual(read.lines, [1, 3, 5])
  })

  it('reads what a spreadsheet makes of it: byte order mark, semicolons, quotes, CRLF', () => {
    const read = readSeries(`\uFEFF"time";"requests";"errors"\r\n"2026-11-30T13:00:05+01:00";"10";"0"\r\n`)
    assert.deepEqual(read, {
      ok: true,
      ticks: [{ at: NOON + 5000, requests: 10, errors: 0, latency: null }],
      lines: [2],
    })
  })

  it('adds segments up to ticks, however their names are written', () => {
    const head = 'time,segment,requests,errors,le=1s,le=+Inf'
    const lines = [`${LATE},"GET ""a"", b",5,1,4,5`, `${LATE},POST /c,3,0,3,3`, '2026-11-30T12:00:15Z,POST /c,1,0,1,1']
    const read = readSeries([head, ...lines].join('\n'))
    assert.ok(read.ok, JSON.stringify(read))
    const [first, second] = read.ticks
    assert.deepEqual(first, {
      at: NOON + 10_000,
      requests: 8,
      errors: 1,
      latency: [
        [1000, 7],
        [Infinity, 8],
      ],
      segments: {
        'GET "a", b': {
          requests: 5,
          errors: 1,
          latency: [
            [1000, 4],
            [Infinity, 5],
          ],
        },
        'POST /c': {
          requests: 3,
          errors: 0,
          latency: [
            [1000, 3],
            [Infinity, 3],
          ],
        },
      },
    })
    assert.equal(second?.requests, 1)
    assert.deepEqual(read.lines, [2, 4])
  })

  for (const [what, text, problem] of [
    [
      'a segment twice',
      `${HEAD},segment\n${LATE},1,0,a\n${LATE},1,0,a\n`,
      /^3: the segment "a" has a line at this time already/,
    ],
    ['a segment without a name', `${HEAD},segment\n${LATE},1,0,\n`, /^2: segment is empty or no text/],
    [
      'segments in some lines',
      `{"time": ${NOON}, "requests": 1, "errors": 0}\n{"time": ${NOON + 5000}, "requests": 1, "errors": 0, "segment": "a"}`,
      /^2: some lines name a segment and some do not/,
    ],
    [
      'segments with other edges',
      `{"time": ${NOON}, "segment": "a", "requests": 1, "errors": 0, "latency": {"+Inf": 1}}\n{"time": ${NOON}, "requests": 1, "errors": 0, "segment": "b"}`,
      /^2: the latencies have other edges/,
    ],
    ['an edge without le=', `${HEAD},100ms\n${LATE},1,0,1\n`, /^1: the column "100ms" is not known/],
    ['no file', '\n \n', /^1: the file is empty$/],
    ['no counts', `${HEAD}\n`, /^1: there is a header and no line of counts/],
    [
      'no header',
      `${LATE},1,0\n`,
      /^1: the first line names no column time, requests, errors; expected a header such as time,/,
    ],
    ['a column that has no meaning', `${HEAD},p95\n${LATE},1,0,3\n`, /^1: the column "p95" is not known/],
    ['a column twice', `${HEAD},errors\n${LATE},1,0,3\n`, /^1: the column "errors" is there twice/],
    ['too few values', `${HEAD}\n${LATE},1\n`, /^2: has 2 values; the header has 3/],
    [
      'no zone',
      `${HEAD}\n2026-11-30T12:00:10,1,0\n`,
      /^2: time is "2026-11-30T12:00:10"; expected a moment with its zone/,
    ],
    ['an empty count', `${HEAD}\n${LATE},,0\n`, /^2: requests is missing; write 0 where nothing was counted/],
    ['NaN', `${HEAD}\n${LATE},NaN,0\n`, /^2: requests is "NaN"; expected a count/],
    ['less than nothing', `${HEAD}\n${LATE},5,-1\n`, /^2: errors is "-1"; expected a count/],
    ['infinite', `${HEAD}\n${LATE},1e400,0\n`, /^2: requests is "1e400"; expected a count/],
    [
      'more than can be counted',
      `${HEAD}\n${LATE},1e300,0\n`,
      /^2: requests is "1e300"; expected a count.* below 2\^53/,
    ],
    ['more errors than requests', `${HEAD}\n${LATE},5,6\n`, /^2: there are more errors \(6\) than requests \(5\)/],
    [
      'lines not in order',
      `${HEAD}\n${LATE},5,0\n\n${LATE},5,0\n`,
      /^4: time is not later than that of the line before/,
    ],
    ['an edge without unit', `${HEAD},le=0.3,le=+Inf\n${LATE},5,0,4,5\n`, /^1: the column "le=0.3" is not known/],
    [
      'counts that fall',
      `${HEAD},le=1s,le=300ms,le=+Inf\n${LATE},5,0,3,4,5\n`,
      /^2: fewer requests took at most 1000ms than less/,
    ],
    ['no last edge', `${HEAD},le=1s\n${LATE},5,0,3\n`, /^2: the latencies have no le=\+Inf/],
    ['no JSON', '{"time": 1}\n{"time"', /^2: is not one JSON object$/],
    ['a member that has no meaning', '{"time": 1, "rps": 3}', /^1: "rps" is not known; known are time, requests/],
    [
      'latencies that are a list',
      `{"time": ${NOON}, "requests": 3, "errors": 0, "latency": [1]}`,
      /^1: "\[1\]" is no edge/,
    ],
  ] as const) {
    it(`says where and what is wrong: ${what}`, () => {
      assert.match(problemsOf(text)[0] ?? 'nothing', problem)
    })
  }

  it('names every line that is wrong, twenty at most', () => {
    const lines = Array.from({ length: 30 }, () => `${LATE},x,0`)
    assert.equal(problemsOf([HEAD, ...lines].join('\n')).length, 20)
  })
})
