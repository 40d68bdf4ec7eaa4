/**
 * From evidence to what to do: the ladder rollback, shared cause, hold, not to be trusted, not enough yet, good enough.
 * The first rung that holds decides.
 */
import type { Said } from '../look.ts'
import { count, percent } from '../text.ts'
import { type Evidence, evidenceOf } from './evidence.ts'
import { liveHealth } from './fold.ts'
import { QUIET_EVIDENCE, ROUTING_FAULT_CHANCE, SHARE_ALPHA, type SequentialOptions } from './options.ts'
import type { SequentialState, Sums } from './state.ts'

export type Rung =
  | 'rollback'
  | 'shared-cause'
  | 'routing-fault'
  | 'wrong-share'
  | 'hold'
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
  if (state.missedNats > -Math.log(ROUTING_FAULT_CHANCE)) return 'routing-fault'
  if (said.share >= 1 / SHARE_ALPHA) return 'wrong-share'
  if (said.hold >= 1 / alpha.hold) return 'hold'
  if (state.idleTicks >= IDLE_TICKS) return 'no-traffic'
  if (state.step.candidate.n < options.minRequests) return 'too-few'
  return said.accept >= 1 / alpha.accept && said.hold < QUIET_EVIDENCE ? 'accepted' : 'not-accepted'
}

/** What a rollout is told: its outcome, and one sentence with the counts of both sides and the evidence. */
export function judgeSequential(state: SequentialState, options: SequentialOptions): Said {
  const said = evidenceOf(state)
  const rung = rungOf(state, options, said)
  const facts = `${sums(options, state)}; evidence for a rollback ${level(said.rollback)}`
  return {
    ...CONSEQUENCES[rung],
    expected: expectation(options),
    actual: `evidence ${level(said.rollback)} for a rollback, ${level(said.hold)} for holding, ${level(said.accept)} for going on`,
    text: `${sentence(rung, state, options, said)} (${facts} of ${level(1 / options.alpha.rollback)})`,
  }
}

const CONSEQUENCES: Readonly<Record<Rung, Pick<Said, 'outcome' | 'triggered' | 'shared'>>> = {
  rollback: { outcome: 'fail', triggered: true },
  'shared-cause': { outcome: 'fail', shared: true },
  'routing-fault': { outcome: 'no-evidence' },
  'wrong-share': { outcome: 'no-evidence' },
  hold: { outcome: 'fail' },
  'no-traffic': { outcome: 'inconclusive' },
  'too-few': { outcome: 'inconclusive' },
  'not-accepted': { outcome: 'inconclusive' },
  accepted: { outcome: 'pass' },
}

function sentence(rung: Rung, state: SequentialState, options: SequentialOptions, said: Evidence): string {
  const { step, idleTicks } = state
  switch (rung) {
    case 'rollback':
      return `the candidate is worse beyond chance: ${strongest(said, options)}`
    case 'shared-cause':
      return 'the candidate breaks a limit that live breaks too: a shared cause; held without a rollback, a person has to look'
    case 'routing-fault':
      return `the candidate should get ${step.weight} % of the requests and gets none, which chance does not explain`
    case 'wrong-share':
      return `the candidate's share of the requests is not the ${step.weight} % that were set, so its counts are not trusted`
    case 'hold':
      return 'the candidate is probably a little worse than live: held, though not enough to go back'
    case 'no-traffic':
      return `the candidate completed no request in the last ${idleTicks} ticks`
    case 'too-few':
      return `${count(step.candidate.n)} requests of the candidate in this step are too few, ${options.minRequests} are needed`
    case 'not-accepted':
      return `not yet shown to be good enough: evidence ${level(said.accept)} of ${level(1 / options.alpha.accept)} in this step`
    case 'accepted':
      return `the candidate is good enough and not worse than live: evidence ${level(said.accept)} in this step`
  }
}

function strongest(said: Evidence, { errors, latency }: SequentialOptions): string {
  const parts = [
    [said.relative, `it errs more than live, beyond the ${percent(errors?.tolerance ?? 0)} that are tolerated`],
    [said.limit, `more than ${percent(errors?.limit ?? 0)} of its requests fail`],
    [said.slower, `it is slower than live, beyond the ${percent(latency?.tolerance ?? 0)} that are tolerated`],
    [
      said.slow,
      `more than ${percent(latency?.slowShare ?? 0)} of its requests take longer than ${latency?.slowMs ?? 0}ms`,
    ],
  ] as const
  return parts.reduce((best, part) => (part[0] > best[0] ? part : best))[1]
}

function sums({ latency }: SequentialOptions, { compared }: SequentialState): string {
  const errors = ({ n, x }: Sums) => `${count(x)} of ${count(n)}`
  const slow = ({ timed, slow }: Sums) => `${count(slow)} of ${count(timed)}`
  const both = `errors: ${errors(compared.candidate)} requests, live ${errors(compared.live)}`
  if (latency === null) return both
  return `${both}; slower than ${latency.slowMs}ms: ${slow(compared.candidate)}, live ${slow(compared.live)}`
}

function expectation({ errors, latency, alpha }: SequentialOptions): string {
  const parts = [
    errors && `errors at most ${percent(errors.tolerance)} above live's and ${percent(errors.limit)} in all`,
    latency && `latency at most ${percent(latency.tolerance)} above live's`,
  ].filter((part) => part !== null)
  return `${parts.join('; ')}; wrong in at most ${percent(alpha.rollback)} of rollouts`
}

/** `135`, `0.04`, `1e12`: evidence spans many powers of ten. */
function level(value: number): string {
  if (value >= 1e6) return `1e${Math.floor(Math.log10(value))}`
  return value >= 10 ? count(value) : String(Number(value.toPrecision(2)))
}
