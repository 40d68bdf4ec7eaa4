/** Moments of a scenario: known at once when they count from the start, else once a release enters the phase they name. */
import { after, type Instant } from '../core/time.ts'
import type { Phase } from '../core/views.ts'
import type { Clock } from '../ports/clock.ts'
import type { When } from './scenario/build.ts'

export type Place = { readonly version: string; readonly phase: Phase; readonly weight: number | null }

export type Moments = {
  plan(planned: Planned): void
  /** A release is here now; those who waited for it are set going. */
  at(place: Place): void
  /** Awaited acts whose moment is known and still to come. */
  pending(): number
  /** What an act threw. */
  readonly failures: readonly unknown[]
}

/** Done at its moment, once. */
export type Planned = {
  readonly when: When
  /** Whose phase is meant where the moment does not say. */
  readonly release: string
  /** The rehearsal does not end before its moment. */
  readonly isAwaited: boolean
  readonly act: () => unknown
}

export function moments(clock: Clock, start: Instant): Moments {
  const failures: unknown[] = []
  let open: readonly Planned[] = []
  let pending = 0

  function begin({ when, act, isAwaited }: Planned, from: Instant): void {
    pending += isAwaited ? 1 : 0
    clock
      .sleepUntil(after(from, when.after))
      .then(act)
      .catch((error) => failures.push(error))
      .finally(() => {
        pending -= isAwaited ? 1 : 0
      })
  }

  return {
    failures,
    pending: () => pending,
    plan(planned) {
      if (planned.when.phase === undefined) begin(planned, start)
      else open = [...open, planned]
    },
    at(place) {
      const met = open.filter((planned) => isAt(planned, place))
      if (met.length === 0) return
      open = open.filter((planned) => !met.includes(planned))
      for (const planned of met) begin(planned, clock.now())
    },
  }
}

function isAt({ when, release }: Planned, { version, phase, weight }: Place): boolean {
  const named = phase === when.phase || phase.startsWith(`${when.phase}:`)
  return named && (when.release ?? release) === version && (when.weight === undefined || when.weight === weight)
}
