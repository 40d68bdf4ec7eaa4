import { english } from '../core/say.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { artifactOf, INPUTS, problemsOf, readSpec, smallSpec } from './fixture.ts'
import { planNotes } from '../core/forecast/plan-forecast.ts'
import { compile } from './to-plan.ts'

const SOURCE = 'metrics: { kind: prometheus, url: "http://prom:9090" }'

function text(entry: string, more = SOURCE): string {
  return smallSpec(more).replace('metric: error-rate, max: 1%', entry)
}

function planOf(entry: string, more = SOURCE) {
  const read = readSpec({ text: text(entry, more), file: 'stellwerk.yaml' })
  assert.ok(read.ok, JSON.stringify(read))
  const compiled = compile(read.spec, artifactOf('api'), 'dev', INPUTS)
  assert.ok(compiled.ok, JSON.stringify(compiled))
  return compiled.plan
}

test('[R-E04] [R-E06] [R-E07] [R-E08] an entry with a query is a rule with its limits in the unit of the query', () => {
  const cases: readonly (readonly [string, string, object])[] = [
    [
      'metric: token-reuse, query: "sum(reuse)", relativeTo: before, margin: 20%, for: 5m',
      'token-reuse to before',
      { kind: 'relative', to: 'before', margin: 0.2, slack: 0, worse: 'higher', forMs: 300_000 },
    ],
    [
      'metric: info-logs, query: "sum(lines)", silence: 10m',
      'info-logs silence',
      { kind: 'silence', silenceMs: 600_000 },
    ],
    [
      'metric: db-p95, query: "p95", max: 400ms, trigger: { above: 500ms, for: 5m }',
      'db-p95',
      { kind: 'limit', max: 0.4, min: null, trigger: { when: 'above', limit: 0.5, forMs: 300_000 } },
    ],
    [
      'metric: disk-free, unit: percent, query: "free", min: 15%, trigger: { below: 10%, for: 1m }',
      'disk-free',
      { kind: 'limit', max: null, min: 15, trigger: { when: 'below', limit: 10, forMs: 60_000 } },
    ],
    [
      'metric: page-load, unit: milliseconds, query: "load", max: 3s',
      'page-load',
      { kind: 'limit', max: 3000, min: null, trigger: null },
    ],
    [
      'metric: costs, query: "x{slot=\'$slot\'}", relativeTo: live, margin: 10%, slack: 0.5, worse: either, for: 1m',
      'costs to live',
      { kind: 'relative', to: 'live', margin: 0.1, slack: 0.5, worse: 'either', forMs: 60_000 },
    ],
  ]
  for (const [entry, id, demand] of cases) {
    const [rule] = planOf(entry).analysis.rules
    assert.ok(rule?.kind === 'own')
    assert.deepEqual([rule.id, rule.demand], [id, demand])
    assert.equal(rule.perSlot, entry.includes('$slot'))
  }
})

test('an entry with a query that is no rule, or that nobody could answer, is refused where it stands', () => {
  const of = (entry: string, more?: string) => problemsOf(text(`metric: reuse, ${entry}`, more)).join('\n')
  for (const [entry, like] of [
    ['query: "sum(x"', /analysis\[0\]: the query is not complete: a \) is missing/],
    ['query: "sum(x)) + 1"', /a \) closes nothing/],
    ['query: "x{a=\'b}"', /a ' is not closed/],
    ['query: "x{slot=\'$slut\'}", max: 1', /nothing is filled in for "\$slut".*did you mean "\$slot"/],
    ['query: "rate(x[$__interval])", max: 1', /nothing is filled in for "\$__interval".*such as \[5m\]/],
    ['query: x', /limits nothing: expected a limit \(`max`, `min`, `trigger`\)/],
    ['query: x, max: 1, silence: 1m', /one entry is one rule/],
    ['query: x, relativeTo: before, margin: 20%', /for is missing/],
    ['query: x, relativeTo: live, margin: 20%, for: 1m', /compares two slots, yet the query asks of none.*\$slot/],
    ['query: x, max: 5%, min: 1GB', /the query answers ratio, which cannot be compared with a size/],
    ['query: x, unit: number, max: 5%', /the query answers number, which cannot be compared with a percentage/],
    ['query: x, max: 5%, trigger: { above: 1%, for: 1m }', /the trigger is below `max`/],
    ['query: x, min: 5, trigger: { below: 9, for: 1m }', /the trigger is above `min`/],
    ['query: x, min: 9, max: 5', /nothing is within both/],
    ['query: x, trigger: { above: 1, below: 2, for: 1m }', /either `above` or `below`/],
    ['query: x, max: a lot', /a percentage, duration or size such as 5%, 400ms or 1GB, or a number/],
    ['query: x, max: 1, component: apo', /component "apo" is not declared.*did you mean "api"/],
    ['query: x, max: 1, tolerance: 5%', /unknown key "tolerance"/],
    ['relativeTo: before, margin: 20%, for: 1m', /or a name of your own, with `query`/],
  ] as const) {
    assert.match(of(entry), like, entry)
    assert.equal(of(entry).split('\n').length, 1, of(entry))
  }
  assert.match(
    of('query: x, max: 1', ''),
    /analysis\[0\]\.query: `metrics: \{ kind: router \}` answers no queries.*kind: prometheus/,
  )
  const renamed = problemsOf(text('metric: error-rate, query: x, max: 1%')).join('\n')
  assert.match(renamed, /analysis\[0\]\.metric: expected a name of your own, not error-rate/)
})

test('a rule of a component that users never meet is refused', () => {
  const worker = 'worker: { platform: { kind: process, command: node w.js } }'
  const spec = text('metric: jobs, query: x, max: 1, component: worker').replace(
    'components: { api',
    `components: { ${worker}, api`,
  )
  assert.match(problemsOf(spec).join('\n'), /"worker" has no router, so that users never meet its candidate/)
})

test('a tick that is shorter than the interval of the scrapes is noted, and how to mend it', () => {
  const notes = (tick: string, scrape: string) =>
    planNotes(
      planOf(
        'metric: reuse, query: x, max: 1',
        `rollout: { tick: ${tick} }\nmetrics: { kind: prometheus, url: "http://p", scrapeInterval: ${scrape} }`,
      ),
    )
      .map(english)
      .filter((note) => note.includes('tick'))
  assert.deepEqual(notes('5s', '5s'), [])
  assert.match(
    notes('5s', '15s').join(),
    /rollout\.tick \(5s\) is shorter than metrics\.scrapeInterval \(15s\).*tick: 15s/,
  )
  assert.deepEqual(
    planNotes(planOf('metric: error-rate, max: 1%', ''))
      .map(english)
      .filter((note) => note.includes('tick')),
    [],
  )
})
