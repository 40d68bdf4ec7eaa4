/** What is wrong with one segment of the candidate's traffic, beside live's in the same one. */
import { quote, say, type Sentence } from '../../say.ts'
import { count, latency } from '../text.ts'
import type { SequentialOptions } from './options.ts'
import { demandedOfSegments, type Guilty } from './segments.ts'

export function segmentText(guilty: Guilty, options: SequentialOptions): Sentence {
  const { what, theirs } = factsOf(guilty, options)
  const strength = say`evidence ${count(guilty.evidence)}, ${count(demandedOfSegments(options))} demand it of one segment`
  return say`${quote(guilty.name)} is bad at the candidate: ${what}, ${theirs} (${strength}); this demands a rollback`
}

/** Beside what is said of the whole. */
export function mostlyText(guilty: Guilty, options: SequentialOptions): Sentence {
  const { what, theirs } = factsOf(guilty, options)
  return say`above all at ${quote(guilty.name)}: ${what}, ${theirs}`
}

function factsOf({ state: { run } }: Guilty, options: SequentialOptions) {
  const [n, x, slow, liveN, liveX, liveSlow] = run
  const isFailing = options.errors !== null && x >= options.errors.limit * n
  const [bad, liveBad] = isFailing ? [x, liveX] : [slow, liveSlow]
  const how = isFailing ? say`failed` : say`took longer than ${latency(options.latency?.slowMs ?? 0)}`
  const what = say`${count(bad)} of ${count(n)} requests ${how}`
  const theirs =
    liveN === 0 ? say`of live's, none was counted` : say`of live's, ${count(liveBad)} of ${count(liveN)} did`
  return { what, theirs }
}
