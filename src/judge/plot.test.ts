import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { english } from '../core/say.ts'
import { type Drawn, drawn, TICK_MS } from './fixture.ts'
import { judgeCounts, type Judged } from './judge.ts'
import { plotSvg } from './plot.ts'

const LIVE: Drawn = { perTick: 90, errors: 0.005, medianMs: 80 }

function judged(
  candidate: Partial<Drawn>,
  { ticks = 120, live = LIVE }: { ticks?: number; live?: Drawn } = {},
): Judged {
  const answer = judgeCounts(drawn(ticks, { candidate: { ...LIVE, perTick: 10, ...candidate }, live }))
  assert.ok(answer.ok)
  return answer
}

/** Points of each line, in the order in which they are drawn: live before the candidate, panel by panel. */
function linesOf(svg: string): readonly (readonly (readonly number[])[])[] {
  return [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, points = '']) =>
    points.split(' ').map((point) => point.split(',').map(Number)),
  )
}

/** Closed, and nothing in it that a viewer would have to fetch or run. */
function isPlain(svg: string): boolean {
  const open = [...svg.matchAll(/<(\w+)[^>]*[^/]>/g)].map(([, tag]) => tag)
  const closed = [...svg.matchAll(/<\/(\w+)>/g)].map(([, tag]) => tag)
  return open.toSorted().join() === closed.toSorted().join() && !/NaN|Infinity|undefined|href|script|style=/.test(svg)
}

describe('a judgement as a picture', () => {
  it('draws errors, latencies and evidence of a candidate that is taken back, and when that was decided', () => {
    const bad = judged({ errors: 0.3 })
    const svg = plotSvg(bad, { title: 'fail: take it back & look <now>' })
    assert.ok(isPlain(svg), svg)
    const lines = linesOf(svg)
    assert.equal(lines.length, 6)
    assert.match(svg, />limit 2 %</)
    assert.match(svg, />limit 500ms</)
    assert.match(svg, />decided 12:00:\d\d</)
    assert.match(svg, />fail: take it back &amp; look &lt;now&gt;</)
    const [live, candidate] = lines
    const mean = (points: typeof live) => points!.reduce((sum, [, y]) => sum + y!, 0) / points!.length
    assert.ok(mean(candidate) < mean(live) - 20, 'more errors stand higher')
  })

  it('stays within its frame, however many ticks there are, and groups them', () => {
    const svg = plotSvg(judged({}, { ticks: 1000 }))
    for (const points of linesOf(svg).slice(0, 4)) assert.ok(points.length <= 80, `${points.length}`)
    for (const [x, y] of linesOf(svg).flat()) assert.ok(x! >= 74 && x! <= 864 && y! >= 40 && y! <= 634, `${x},${y}`)
    assert.ok(!svg.includes('decided'), 'a pass is decided at the end')
  })

  it('leaves out what was not counted: latencies, or a rule that compares', () => {
    const bare = { perTick: 90, errors: 0.005 }
    const answer = judgeCounts({
      ...drawn(120, { candidate: bare, live: bare }),
      rules: [
        { kind: 'limit', id: 'e', metric: 'error-rate', max: 0.02, trigger: { above: 0.05, forMs: 12 * TICK_MS } },
      ],
    })
    assert.ok(answer.ok)
    const svg = plotSvg(answer)
    assert.equal(linesOf(svg).length, 2)
    assert.match(svg, />limit 5 %</)
  })

  it('draws one tick, and sides without errors or requests', () => {
    assert.ok(isPlain(plotSvg(judged({ errors: 0, perTick: 0 }, { ticks: 2, live: { ...LIVE, errors: 0 } }))))
  })

  it('labels in the language of whoever looks', () => {
    const svg = plotSvg(judged({ errors: 0.3 }), { tell: (part) => english(part).toUpperCase() })
    for (const word of [
      'ERRORS',
      'P95 LATENCY',
      'CANDIDATE',
      'LIMIT 2 %',
      'DECIDED 12:00',
      'EVIDENCE AGAINST THE CANDIDATE',
    ])
      assert.ok(svg.includes(word), word)
  })
})
