import assert from 'node:assert/strict'
import { test } from 'node:test'
import { selectorsIn } from './selectors-in.ts'

test('finds what a query reads, and nothing that only looks like it', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['up', ['up']],
    ['sum(rate(a{b="c}"}[5m])) / max by (x, y) (d offset 5m)', ['a{b="c}"}', 'd']],
    ['sum by (le) (rate(h_bucket[1m]))', ['h_bucket']],
    ['sum(a) without (instance) > bool 2', ['a']],
    ['a / on (job) group_left (team) b{x=~"y|z"}', ['a', 'b{x=~"y|z"}']],
    ['{__name__=~"x.*"} or vector(0)', ['{__name__=~"x.*"}']],
    ['time() - 5m + 1e3 + 0x1f - NaN', []],
    ['job:errors:rate5m{slot="green"} # not_this', ['job:errors:rate5m{slot="green"}']],
    ['quantile_over_time(0.95, a[5m:30s]) + a', ['a']],
    ['topk(3, count) + sum', ['count', 'sum']],
    ['a @ end() unless b @ 1609746000', ['a', 'b']],
    ["a{b='it}s'} + c{d=`{`}", ["a{b='it}s'}", 'c{d=`{`}']],
    ['1 - avg (rate (cpu {mode="idle"} [1m]))', ['cpu{mode="idle"}']],
  ]
  for (const [query, selectors] of cases) assert.deepEqual(selectorsIn(query), selectors, query)
})
