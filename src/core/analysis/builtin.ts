/** What is judged whatever the rules say: is there evidence for this step at all, and does the candidate answer? */
import { formatDuration } from '../time.ts'
import { type Finding, finding, type Look } from './look.ts'
import { count, timeSpan } from './text.ts'

/** A candidate that owes an answer for longer than this and completed nothing for so many ticks hangs. */
export const WAITING_LIMIT_MS = 5000
export const STALLED_TICKS = 3
export const STALLED_EXPECTATION = `answers; never ${STALLED_TICKS} ticks without one while a request waits over ${formatDuration(WAITING_LIMIT_MS)}`
/** After so many ticks without a completed request the counts of the step no longer speak of now. */
export const IDLE_TICKS = 12

/**
 * Enough time, enough requests (none, where the plan says that an environment has no users: what the other rules prove
 * without traffic is all the evidence there is, and it has to be there), and recent ones, at exactly this step; inconclusive until then. Without any rule there
 * is no evidence, since nothing was judged.
 */
export function judgeEvidence(look: Look, rules: number): Finding {
  const { component, minRequests, requiredMs } = look
  const span = component.sinceStep
  const coveredMs = span?.coveredMs ?? 0
  const requests = span?.candidate.requests ?? 0
  const expected = evidenceExpectation(look)
  const seen = `${formatDuration(coveredMs)} with ${count(requests)} requests of the candidate`
  const actual = `${seen}${span === null ? '' : ` (${timeSpan(span)})`}`
  if (rules === 0) {
    const text = 'no rule says what would be good enough, so nothing can be'
    return finding(look, 'evidence', { outcome: 'no-evidence', expected, actual, text })
  }
  const enough = coveredMs >= requiredMs && requests >= minRequests
  const recent = component.idleTicks < IDLE_TICKS || minRequests === 0
  const text = !enough
    ? `observed ${actual} since the step began; needed are ${expected}`
    : recent
      ? `observed ${actual} since the step began, which is enough`
      : `the candidate completed no request in the last ${component.idleTicks} ticks although it is given traffic`
  return finding(look, 'evidence', { outcome: enough && recent ? 'pass' : 'inconclusive', expected, actual, text })
}

export function evidenceExpectation({ minRequests, requiredMs }: Look): string {
  const enoughTime = requiredMs > 0 ? `${formatDuration(requiredMs)} observed with ` : ''
  return `${enoughTime}at least ${count(minRequests)} requests of the candidate`
}

/** A frozen backend shows no errors, for it completes nothing: the age of what it owes gives it away. */
export function judgeStalled(look: Look): Finding {
  const { newest, idleTicks, sinceStep } = look.component
  const waitingMs = newest?.waitingOldestMs ?? 0
  const expected = STALLED_EXPECTATION
  const waits = waitingMs === 0 ? 'no request waits' : `the oldest waiting request is ${formatDuration(waitingMs)} old`
  const actual = `${idleTicks} ticks without an answer, ${waits}`
  if (idleTicks >= STALLED_TICKS && waitingMs > WAITING_LIMIT_MS) {
    const text = `the candidate hangs: ${waits} and it completed none in the last ${idleTicks} ticks`
    return finding(look, 'stalled', { outcome: 'fail', expected, actual, text, triggered: true })
  }
  if (look.minRequests === 0 && waitingMs === 0) {
    return finding(look, 'stalled', { outcome: 'pass', expected, actual, text: 'no request waits for an answer' })
  }
  const requests = sinceStep?.candidate.requests ?? 0
  return finding(look, 'stalled', { expected, actual, ...answering(idleTicks, requests, actual) })
}

function answering(
  idleTicks: number,
  requests: number,
  actual: string,
): { outcome: 'pass' | 'inconclusive'; text: string } {
  if (idleTicks === 0 && requests > 0) return { outcome: 'pass', text: 'the candidate answers its requests' }
  const text = `the candidate was not seen to answer lately: ${actual}`
  return { outcome: idleTicks < STALLED_TICKS && requests > 0 ? 'pass' : 'inconclusive', text }
}
