/**
 * From evidence to what to do: the ladder rollback, shared cause, hold, not to be trusted, not enough yet, good enough.
 * The first rung that holds decides.
 */
import type { Ruling } from '../look.ts'
import type { SequentialState, Sums } from './state.ts'
import { QUIET_EVIDENCE, ROUTING_FAULT_CHANCE, SHARE_ALPHA, type SequentialOptions } from './options.ts'
import { REFERENCE_REQUESTS } from './bins.ts'
import { count, percent, ratioText, timeOfDay } from '../text.ts'
import { type Found, isEasing } from './standing.ts'
import { after, formatDuration } from '../../time.ts'
import { SEEN_MS } from './wander.ts'
import { mostlyText, segmentText } from './segment-text.ts'
import { type Guilty, guiltySegment } from './segments.ts'
import { evidence } from './wealth.ts'
import { liveHealth } from './fold.ts'
import { type Evidence, evidenceOf } from './evidence.ts'
import { type Part, type Sentence, listed, say } from '../../say.ts'

export type Rung =
  | 'rollback'
  | 'segment'
  | 'shared-cause'
  | 'routing-fault'
  | 'wrong-share'
  | 'held'
  | 'easing'
  | 'unknown-past'
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
  const lasts = state.badTicks >= options.minBadTicks
  if (said.due >= 1 / alpha.rollback && lasts) return 'rollback'
  if (guiltyOf(state, options) !== null) return 'segment'
  if (said.regardlessOfLive >= 1 / alpha.rollback && !(healthy.errors && healthy.latency)) return 'shared-cause'
  const untrusted = distrust(state, said)
  if (untrusted !== null) return untrusted
  if ((said.rollback >= 1 / alpha.rollback && lasts) || said.hold >= 1 / alpha.hold)
    return heldRung(state, options, said)
  return tooLittle(state, options) ?? (isGood(said, options) ? 'accepted' : 'not-accepted')
}

function guiltyOf({ segments, step }: SequentialState, options: SequentialOptions): Guilty | null {
  return guiltySegment(segments, options, step.weight >= 100)
}

/** Evidence of its own by which one segment is named beside the whole. */
const NAMED_EVIDENCE = 20

function mostly({ segments, step }: SequentialState, options: SequentialOptions): readonly Part[] {
  const worst = guiltySegment(segments, options, step.weight >= 100, NAMED_EVIDENCE)
  return worst === null ? [] : [mostlyText(worst, options)]
}

/** A difference from live: found, or only likely; one that gets less fails nothing, and passes nothing either. */
function heldRung(state: SequentialState, { alpha }: SequentialOptions, said: Evidence): Rung {
  const { errors, latency } = state.watches
  if (isEasing(errors, Math.log(said.relative)) || isEasing(latency, Math.log(said.slower))) return 'easing'
  if (isUnknownPast(state)) return 'unknown-past'
  return said.rollback >= 1 / alpha.rollback ? 'held' : 'hold'
}

/** It is alone and fails more often than live's mean, and nobody knows how far live's rate wanders. */
function isUnknownPast({ alone, errors, latency, step }: SequentialState): boolean {
  if (alone === null || alone.course.known || errors === null || step.weight < 100) return false
  return evidence(errors.strict) >= (latency === null ? 0 : evidence(latency.strict))
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
  segment: { outcome: 'fail', triggered: true },
  'shared-cause': { outcome: 'fail', shared: true },
  'routing-fault': { outcome: 'no-evidence' },
  'wrong-share': { outcome: 'no-evidence' },
  held: { outcome: 'fail' },
  easing: { outcome: 'inconclusive' },
  'unknown-past': { outcome: 'inconclusive' },
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

export function rungSentence(rung: Rung, state: SequentialState, options: SequentialOptions, said: Evidence): Sentence {
  if (goesBack(rung)) return backSentence(rung, state, options, said)
  const { step, idleTicks } = state
  switch (rung) {
    case 'shared-cause':
      return say`the candidate breaks a limit that live breaks too: a shared cause that a rollback would not fix; held without a rollback, a person has to look`
    case 'routing-fault':
      return say`the candidate should get ${step.weight} % of the requests and gets none, which chance does not explain: look at the route`
    case 'wrong-share':
      return say`the candidate got ${shareText(state)} of the requests, not the ${step.weight} % that were set: its counts are not trusted, look at the route`
    case 'held':
    case 'easing':
    case 'unknown-past':
      return heldSentence(rung, state, options, said)
    case 'hold':
      return say`the candidate is probably worse than live, not surely enough to roll back: held (evidence for holding ${level(said.hold)}, ${level(1 / options.alpha.hold)} demand it)`
    case 'no-latency':
      return say`latencies cannot be judged: ${count(step.candidate.n)} requests of the candidate were counted, but no latency`
    case 'no-traffic':
      return say`the candidate completed no request in the last ${idleTicks} ticks`
    case 'too-few':
      return say`${count(judgedRequests(state, options))} requests of the candidate in this step are too few, ${count(options.minRequests)} are needed`
    case 'not-accepted':
      return unaccepted(options, said)
    case 'accepted':
      return say`the candidate keeps its limits and is not worse than live: evidence ${level(said.accept)} in this step, ${level(1 / options.alpha.accept)} are needed`
  }
}

type BackRung = 'rollback' | 'segment'

function goesBack(rung: Rung): rung is BackRung {
  return rung === 'rollback' || rung === 'segment'
}

function backSentence(rung: BackRung, state: SequentialState, options: SequentialOptions, said: Evidence): Sentence {
  if (rung === 'segment') return segmentText(guiltyOf(state, options)!, options)
  const why = listed([strongest(said, options), ...mostly(state, options)], ', ')
  return say`the candidate is worse beyond chance: ${why}; this demands a rollback`
}

function heldSentence(
  rung: 'held' | 'easing' | 'unknown-past',
  state: SequentialState,
  options: SequentialOptions,
  said: Evidence,
): Sentence {
  if (rung === 'held') return heldText(state, options, said)
  if (rung === 'unknown-past') return unknownPast(state)
  return say`the candidate was worse than live ${sinceText(firstFound(state))}, and that is getting less: held until it is over, or is shown again`
}

function unknownPast({ past, wandering }: SequentialState): Sentence {
  const seen = say`${formatDuration(wandering.ms)} with ${count(past.x)} errors`
  return say`the candidate fails more often than live did on average, but live was seen for ${seen}, too little to know how far its rate wanders (${formatDuration(SEEN_MS)} or more are needed): held, and taken back only for what no such wandering explains`
}

/** What is waited for, and since when: people have to see why nothing moves, and what will move it. */
function heldText(state: SequentialState, options: SequentialOptions, said: Evidence): Sentence {
  const found = firstFound(state)
  const what = say`the candidate is worse than live beyond chance, below its limits: ${strongest(said, options)}; held ${sinceText(found)}`
  if (found === null) return what
  if (found.mark !== null) return say`${what}, and taken back as soon as the newest requests show it again`
  const until = after(found.since, options.patienceMs)
  return say`${what}, and taken back from ${timeOfDay(until)} UTC on if the newest requests still show it`
}

function firstFound({ watches: { errors, latency } }: SequentialState): Found | null {
  if (errors.found === null || latency.found === null) return errors.found ?? latency.found
  return errors.found.since <= latency.found.since ? errors.found : latency.found
}

function sinceText(found: Found | null): Part {
  return found === null ? say`by now` : say`since ${timeOfDay(found.since)} UTC`
}

/** Requests of the step that every claim rests on: where latencies are judged, those with a known one. */
export function judgedRequests({ step }: SequentialState, { latency }: SequentialOptions): number {
  return latency === null ? step.candidate.n : Math.min(step.candidate.n, step.candidate.timed)
}

function unaccepted(options: SequentialOptions, said: Evidence): Sentence {
  if (said.accept >= 1 / options.alpha.accept) {
    return say`the candidate may be getting worse than live: evidence for holding ${level(said.hold)}, below ${QUIET_EVIDENCE} is quiet`
  }
  const needed = level(1 / options.alpha.accept)
  return say`not yet shown to be good enough: evidence ${level(said.accept)} in this step, ${needed} are needed`
}

function shareText({ compared }: SequentialState): string {
  const all = compared.candidate.n + compared.live.n
  return all === 0 ? '0 %' : percent(compared.candidate.n / all)
}

function strongest(said: Evidence, { errors, latency }: SequentialOptions): Sentence {
  const parts = [
    [
      said.relative,
      say`it fails more often than live, beyond the ${percent(errors?.tolerance ?? 0)} that are tolerated`,
    ],
    [said.limit, say`more than ${percent(errors?.limit ?? 0)} of its requests fail`],
    [said.slower, say`it is slower than live, beyond the ${percent(latency?.tolerance ?? 0)} that are tolerated`],
    [
      said.slow,
      say`more than ${percent(latency?.slowShare ?? 0)} of its requests take longer than ${latency?.slowMs ?? 0}ms`,
    ],
  ] as const
  return parts.reduce((best, part) => (part[0] > best[0] ? part : best))[1]
}

/** Rates and counts of both sides since users are on the candidate, and what could not be compared. */
export function factsText(
  { errors, latency }: SequentialOptions,
  { compared, bins, reference, past }: SequentialState,
): Sentence {
  const { candidate, live } = compared
  const errored = ({ n, x }: Sums) => ratioText(x, n)
  const slow = ({ timed, slow }: Sums) => ratioText(slow, timed)
  const parts = [
    errors && say`errors ${errored(candidate)}, live ${errored(live)}`,
    latency && say`slower than ${latency.slowMs}ms ${slow(candidate)}, live ${slow(live)}`,
    latency && bins === null && reference !== '' && past.timed < REFERENCE_REQUESTS
      ? say`latencies not compared yet, live answered ${count(past.timed)} of ${count(REFERENCE_REQUESTS)} requests`
      : null,
  ]
  return listed(parts.filter((part) => part !== null))
}

/** `135`, `0.04`, `over 1 000 000`: evidence spans many powers of ten, and above a million it is all the same. */
export function level(value: number): Part {
  if (value >= 1e6) return say`over 1 000 000`
  return value >= 10 ? count(value) : Number(value.toPrecision(2))
}
