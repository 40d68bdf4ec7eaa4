/** Prometheus goes away under a rollout, and comes back on the same data: nothing advances meanwhile, nothing goes back. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { missing, type Prometheus, startPrometheus } from './prometheus-world.ts'
import { type Rollout, ruledRollout } from './rules-world.ts'

const skip = missing()
const SLOT = '{service="$service",slot="$slot"}'

describe('a rollout whose Prometheus goes away', { skip, timeout: 120_000 }, () => {
  let prometheus: Prometheus
  let rollout: Rollout
  /** Its candidate breaks while nobody can see it. */
  let broken: Rollout
  let isBroken = false
  before(async () => {
    broken = await ruledRollout('broken', {
      analysis: '[{ metric: error-rate, max: 1%, trigger: { above: 2%, for: 2s } }]',
      serve: (slot, requests, exporter) => {
        exporter.serve(slot, { requests, errors: isBroken && slot === 'green' ? requests / 10 : 0 })
      },
    })
    rollout = await ruledRollout('shop', {
      analysis: `
  - { metric: error-rate, max: 1%, trigger: { above: 2%, for: 2s } }
  - { metric: error-rate, relativeTo: before, margin: 50%, for: 2s }
  - { metric: info-logs, query: 'sum(increase(log_lines_total${SLOT}[3s]))', silence: 2s }
  - { metric: logged, query: 'sum(rate(log_lines_total${SLOT}[3s]))', min: 1, trigger: { below: 0.5, for: 2s } }
  - { metric: logged, query: 'sum(rate(log_lines_total${SLOT}[3s]))', relativeTo: before, margin: 500%, for: 2s }`,
      serve: (slot, requests, exporter) => {
        exporter.serve(slot, { requests })
        exporter.add(`log_lines_total{slot="${slot}"}`, requests)
      },
    })
    const labelled = Object.entries({ shop: rollout, broken }).map(([service, { exporter }]) => ({
      address: exporter.address,
      labels: { service, environment: 'prod' },
    }))
    prometheus = await startPrometheus({ instances: [], labelled })
  })
  after(async () => {
    for (const one of [rollout, broken]) await one.stop()
    await prometheus.stop()
  })

  it('[R-E07] holds and says so, for longer than the hold lasts, and goes on when it is back, forwards or backwards', async () => {
    const [id, bad] = await Promise.all([rollout, broken].map((one) => one.release(prometheus.url)))
    assert.ok(id !== undefined && bad !== undefined)
    for (const [one, of] of [
      [rollout, id],
      [broken, bad],
    ] as const) {
      await one.viewUntil(of, 'users on the candidate', ({ phase }) => phase === 'holding')
    }
    await prometheus.kill()
    isBroken = true
    const unseen = await rollout.viewUntil(id, 'a verdict about the outage', ({ verdicts }) =>
      verdicts.some(({ text }) => text.includes('does not answer')),
    )
    for (const { outcome, text } of unseen.verdicts) {
      assert.equal(outcome, 'no-evidence')
      assert.match(
        text,
        /measurement is \d+s old \(at most 3s may pass, 3 ticks\): Prometheus at 127\.0\.0\.1:\d+: it does not answer/,
      )
    }
    const held = (unseen.waiting?.earliest ?? assert.fail('it waits for nothing')) + 2000
    const late = await rollout.viewUntil(id, 'more than the hold', () => Date.now() > held)
    for (const seen of [late, await broken.view(bad)]) {
      assert.deepEqual([seen.phase, seen.candidate.weight], ['holding', 50])
    }
    await prometheus.start()
    const end = await rollout.viewUntil(id, 'an end', ({ final }) => final)
    assert.deepEqual([end.phase, end.exitCode], ['finalized', 0], end.reason ?? '')
    assert.deepEqual(
      rollout.outside.router.history.map(({ green }) => green),
      [0, 50, 100],
    )
    const back = await broken.viewUntil(bad, 'an end', ({ final }) => final)
    assert.deepEqual([back.phase, back.exitCode], ['rolled-back', 5])
    assert.match(back.reason ?? '', /error rate of the candidate was .*demand a rollback/)
  })
})
