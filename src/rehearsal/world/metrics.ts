/** What metrics show of a component's users: the truth, or what the scenario makes of it. */
import type { MetricsSnapshot, Slot } from '../../core/observed.ts'
import type { Instant } from '../../core/time.ts'
import type { MetricsSource, SegmentsQuery } from '../../ports/metrics-source.ts'
import { failure, ok } from '../../ports/result.ts'
import type { Fault } from '../scenario/schema.ts'
import type { Around } from './router.ts'

export function metricsOf({ users, faults, settle, now }: Around & { readonly now: () => Instant }): MetricsSource {
  let epoch = 1
  let last: MetricsSnapshot | null = null
  const shown = (answers: Fault['answers'], segments: SegmentsQuery | undefined): MetricsSnapshot => {
    if (answers === 'stale' && last) return last
    if (answers === 'restarted') {
      users.restart()
      epoch += 1
    }
    last = { epoch: `simulated-${epoch}`, at: now(), slots: users.counts(now(), segments) }
    return answers === 'nan' ? broken(last) : last
  }
  const perform = (signal: AbortSignal, answers: Fault['answers'], segments: SegmentsQuery | undefined) => {
    if (signal.aborted) return failure('transient', 'collecting was stopped before it began')
    settle()
    return ok(shown(answers, segments))
  }
  return {
    name: 'simulated users',
    collect: (signal, _queries, segments) =>
      faults.disturb({ part: 'metrics', order: 'collect', perform: (answers) => perform(signal, answers, segments) }),
  }
}

function broken({ slots, ...snapshot }: MetricsSnapshot): MetricsSnapshot {
  const none = (slot: Slot) => ({ ...slots[slot], requests: Number.NaN, errors: Number.NaN })
  return { ...snapshot, slots: { blue: none('blue'), green: none('green') } }
}
