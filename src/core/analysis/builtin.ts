/** What is judged whatever the rules say: is there evidence for this step at all, and does the candidate answer? */
import { say, type Sentence } from '../say.ts'
import { formatDuration } from '../time.ts'
import { type Finding, finding, type Look, type Question } from './look.ts'
import { count, timeSpan } from './text.ts'

/** A candidate that owes an answer for longer than this and completed nothing for so many ticks hangs. */
export const WAITING_LIMIT_MS = 5000
export const STALLED_TICKS = 3
export const STALLED_QUESTION: Question = {
  rule: 'stalled',
  expected: () =>
    say`answers; never ${STALLED_TICKS} ticks without one while a request waits over ${formatDuration(WAITING_LIMIT_MS)}`,
  of: 'counts',
}
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
  const enough = coveredMs >= requiredMs && requests >= minRequests
  const recent = component.idleTicks < IDLE_TICKS || minRequests === 0
  const question = evidenceQuestion(look)
  const words = () => {
    const seen = say`${formatDuration(coveredMs)} with ${count(requests)} requests of the candidate`
    const actual = span === null ? seen : say`${seen} (${timeSpan(span)})`
    if (rules === 0) return { actual, text: say`no rule says what would be good enough, so nothing can be` }
    const needed = say`observed ${actual} since the step began; needed are ${question.expected()}`
    return { actual, text: enough ? evidenceText(component, recent, actual) : needed }
  }
  if (rules === 0) return finding(look, question, { outcome: 'no-evidence', words })
  return finding(look, question, { outcome: enough && recent ? 'pass' : 'inconclusive', words })
}

function evidenceText({ idleTicks }: Look['component'], recent: boolean, actual: Sentence): Sentence {
  return recent
    ? say`observed ${actual} since the step began, which is enough`
    : say`the candidate completed no request in the last ${idleTicks} ticks although it is given traffic`
}

export function evidenceQuestion({ minRequests, requiredMs }: Look): Question {
  const requests = () => say`at least ${count(minRequests)} requests of the candidate`
  const expected = () => (requiredMs > 0 ? say`${formatDuration(requiredMs)} observed with ${requests()}` : requests())
  return { rule: 'evidence', expected, of: 'counts' }
}

/** A frozen backend shows no errors, for it completes nothing: the age of what it owes gives it away. */
export function judgeStalled(look: Look): Finding {
  const { newest, idleTicks, sinceStep } = look.component
  const waitingMs = newest?.waitingOldestMs ?? 0
  const hangs = idleTicks >= STALLED_TICKS && waitingMs > WAITING_LIMIT_MS
  const unused = look.minRequests === 0 && waitingMs === 0
  const requests = sinceStep?.candidate.requests ?? 0
  const answers = idleTicks === 0 && requests > 0
  const outcome = hangs
    ? 'fail'
    : unused || answers || (idleTicks < STALLED_TICKS && requests > 0)
      ? 'pass'
      : 'inconclusive'
  const words = () => {
    const oldest = say`the oldest waiting request is ${formatDuration(waitingMs)} old`
    const waits = waitingMs === 0 ? say`no request waits` : oldest
    const actual = say`${idleTicks} ticks without an answer, ${waits}`
    if (hangs) {
      return { actual, text: say`the candidate hangs: ${waits} and it completed none in the last ${idleTicks} ticks` }
    }
    if (unused) return { actual, text: say`no request waits for an answer` }
    if (answers) return { actual, text: say`the candidate answers its requests` }
    return { actual, text: say`the candidate was not seen to answer lately: ${actual}` }
  }
  return finding(look, STALLED_QUESTION, { outcome, triggered: hangs, words })
}
