import { quote, say, type Sentence } from '../../say.ts'
import { type Command, commandIdentity } from '../commands.ts'
import type { SmokeReport } from '../inputs.ts'
import { done, fail, hopeless, lastFailure, type Move, order, type ForwardKind } from '../step-kind.ts'
import type { Cause, RolloutState } from '../state.ts'

/** Tests the candidate before any user meets it (R-D05). */
export const smoke = {
  phase: 'smoking',
  waitsFor: () => say`the smoke tests of the candidate`,
  looks: 'quickly',
  beforeTraffic: true,
  ended: () => ({ smokePassed: true }),
  limitMs: (_, state) => state.plan.timings.smokeLimitMs,
  run: (_, state) => runSmoke(state, { target: 'candidate' }, 'smoke'),
  expire: (_, state) => fail('smoke', say`the smoke tests did not end in time${lastFailure(state, 'RunSmoke')}`),
} as const satisfies ForwardKind<{ kind: 'smoke' }>

/** Tests what users now get, through the router; red starts the rollback by itself (R-D11). */
export const verifyLive = {
  phase: 'verifying-live',
  waitsFor: () => say`the smoke tests of live`,
  looks: 'at ticks',
  share: () => 100,
  ends: () => ({ smoke: 'live' }),
  limitMs: (_, state) => state.plan.timings.smokeLimitMs,
  run: (_, state) => runSmoke(state, { target: 'live' }, 'smoke'),
  expire: (_, state) =>
    fail('smoke', say`the smoke tests on live did not end in time${lastFailure(state, 'RunSmoke')}`),
} as const satisfies ForwardKind<{ kind: 'verify-live' }>

/** Expand migrations, before the candidate takes traffic (R-D02). */
export const migrate = {
  phase: 'migrating',
  waitsFor: () => say`the migration`,
  looks: 'quickly',
  beforeTraffic: true,
  rollback: ({ migration }) => (migration?.down ? ['schema'] : []),
  limitMs: (_, state) => state.plan.timings.migrateLimitMs,
  run: (_, state) => once(state, { type: 'Migrate', direction: 'expand' }, 'migration'),
  expire: (_, state) => fail('migration', say`the migration did not end in time${lastFailure(state, 'Migrate')}`),
} as const satisfies ForwardKind<{ kind: 'migrate' }>

/** Orders `command` until it has been done once within this step. */
export function once(state: RolloutState, command: Command, cause: Cause): Move {
  if (state.done.includes(commandIdentity(command))) return done
  return hopeless(state, command.type, cause) ?? order(command)
}

/** `of`: whose checks are run where they are not this release's own; `version` is what people know it by. */
type Suite = {
  readonly target: 'candidate' | 'live'
  readonly of?: { readonly rollout: string; readonly version: string } | null
}

export function runSmoke(state: RolloutState, { target, of }: Suite, cause: Cause): Move {
  const release = of?.rollout
  const report = state.smoke[target]
  if (report)
    return report.passed
      ? done
      : fail(cause, redText(report, of ? say`${TARGET[target]} (${of.version})` : TARGET[target]))
  const whose = release === undefined ? {} : { release }
  return hopeless(state, 'RunSmoke', cause) ?? order({ type: 'RunSmoke', target, ...whose })
}

const TARGET = { candidate: say`candidate`, live: say`live` } as const

function redText(report: SmokeReport, target: Sentence): Sentence {
  const red = report.checks.filter(({ passed }) => !passed)
  const first = red[0]
  if (!first) return say`the smoke tests on ${target} proved nothing: no check ran`
  const more = red.length > 1 ? say` (and ${red.length - 1} more)` : ''
  return say`smoke test "${first.name}" on ${target} is red: expected ${quote(first.expected)}, got ${quote(first.actual)} from ${first.url}${more}`
}
