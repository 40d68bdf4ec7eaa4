/**
 * From evidence to what to do: the ladder rollback, shared cause, hold, not to be trusted, not enough yet, good enough.
 * The first rung that holds decides.
 */
import { listed, type Part, say, type Sentence } from '../../say.ts'
import type { Ruling } from '../look.ts'
import { percent } from '../text.ts'
import { type Evidence, evidenceOf } from './evidence.ts'
import { liveHealth } from './fold.ts'
import { QUIET_EVIDENCE, ROUTING_FAULT_CHANCE, SHARE_ALPHA, type SequentialOptions } from './options.ts'
import { factsText, judgedRequests, level, rungSentence } from './sentences.ts'
import type { SequentialState } from './state.ts'

export type Rung =
  | 'rollback'
  | 'shared-cause'
  | 'routing-fault'
  | 'wrong-share'
  | 'hold'
  | 'no-latency'
  | 'no-traffic'
  | 'too-few'
  | 'not-accepted'
  | 'accepted'

/** Consecutive ticks without a request of the candidate after which its counts no longer speak of now. */
const IDLE_TICKS = 12

export function rungOf(state: SequentialState, options: SequentialOptions, said = evidenceOf(state)): Rung {
  const { alpha } = options
  const healthy = liveHealth(state.recent, options)
  if (said.rollback >= 1 / alpha.rollback && state.badTicks >= options.minBadTicks) return 'rollback'
  if (said.regardlessOfLive >= 1 / alpha.rollback && !(healthy.errors && healthy.latency)) return 'shared-cause'
  const untrusted = distrust(state, said)
  if (untrusted !== null) return untrusted
  if (said.hold >= 1 / alpha.hold) return 'hold'
  return tooLittle(state, options) ?? (isGood(said, options) ? 'accepted' : 'not-accepted')
}

/** Counts that do not come from the traffic that was set say nothing good of the candidate. */
function distrust(state: SequentialState, said: Evidence): Rung | null {
  if (state.missedNats > -Math.log(ROUTING_FAULT_CHANCE)) return 'routing-fault'
  return said.share >= 1 / SHARE_ALPHA ? 'wrong-share' : null
}

function tooLittle(state: SequentialState, options: SequentialOptions): Rung | null {
  const { n, timed } = state.step.candidate
  if (state.idleTicks >= IDLE_TICKS) return 'no-traffic'
  if (options.latency !== null && n > 0 && timed === 0) return 'no-latency'
  return judgedRequests(state, options) < options.minRequests ? 'too-few' : null
}

/** Shown to keep its limits in this step, and nothing speaks against it over the whole rollout. */
function isGood(said: Evidence, { alpha }: SequentialOptions): boolean {
  return said.accept >= 1 / alpha.accept && said.hold < QUIET_EVIDENCE
}

/** What a rollout is told: its outcome, and one sentence with the counts of both sides and the evidence; `when` is their span. */
export function judgeSequential(
  state: SequentialState,
  options: SequentialOptions,
  when: () => Part = () => say`so far`,
): Ruling {
  const said = evidenceOf(state)
  const rung = rungOf(state, options, said)
  const words = () => {
    const facts = factsText(options, state)
    const strength = say`evidence for a rollback ${level(said.rollback)}, ${level(1 / options.alpha.rollback)} demand one`
    return {
      actual: say`${facts}; evidence ${level(said.rollback)} for a rollback, ${level(said.hold)} for holding, ${level(said.accept)} for going on`,
      text: say`${rungSentence(rung, state, options, said)} (${facts}; ${strength}; ${when()})`,
    }
  }
  return { ...CONSEQUENCES[rung], words }
}

const CONSEQUENCES: Readonly<Record<Rung, Pick<Ruling, 'outcome' | 'triggered' | 'shared'>>> = {
  rollback: { outcome: 'fail', triggered: true },
  'shared-cause': { outcome: 'fail', shared: true },
  'routing-fault': { outcome: 'no-evidence' },
  'wrong-share': { outcome: 'no-evidence' },
  hold: { outcome: 'fail' },
  'no-latency': { outcome: 'no-evidence' },
  'no-traffic': { outcome: 'inconclusive' },
  'too-few': { outcome: 'inconclusive' },
  'not-accepted': { outcome: 'inconclusive' },
  accepted: { outcome: 'pass' },
}

export function sequentialExpectation({ errors, latency, alpha }: SequentialOptions): Sentence {
  const parts = [
    errors && say`errors at most ${percent(errors.tolerance)} above live's and ${percent(errors.limit)} in all`,
    latency &&
      say`latency at most ${percent(latency.tolerance)} above live's and ${percent(latency.slowShare)} of requests slower than ${latency.slowMs}ms`,
  ].filter((part) => part !== null)
  return say`${listed(parts)}; wrong in at most ${percent(alpha.rollback)} of rollouts`
}
