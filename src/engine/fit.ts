/** Inputs as the log can keep them: mended where that is possible, else a failure that says what was wrong with the answer. */
import type { ObservedRoute, ObservedSlot } from '../core/observed.ts'
import type { StreamInput } from '../core/aggregate.ts'
import type { CommandFinished } from '../core/rollout/inputs.ts'
import { storable } from '../core/storable.ts'
import { failure, type Result } from '../ports/result.ts'

/** Throws for what is no answer: a request that cannot be stored is refused where it comes in. */
export function fitInput<I extends StreamInput>(input: I): I {
  const kept = storable(input)
  if (kept.ok) return kept.value
  if (!isAnswer(input)) throw new Error(`${input.type} cannot be recorded: ${kept.why}`)
  return { ...input, ...unrecorded(input.key, kept.why) }
}

export function isAnswer<I extends StreamInput>(input: I): input is I & CommandFinished {
  return input.type === 'command-finished'
}

/** The answer to the command of this key is lost, and that is recorded: it may have been carried out. */
export function unrecorded(key: string, why: string): CommandFinished {
  const message = `its answer could not be recorded: ${why}`
  return { type: 'command-finished', key, result: { ok: false, kind: 'unknown', message } }
}

/** What an adapter saw, held against what it may see: one impossible part is a failure of its own and hides no other. */
export function fitAnswer<T>(result: Result<T>, problem: (value: T) => string | null): Result<T> {
  if (!result.ok) return result
  const kept = storable(result.value)
  if (!kept.ok) return failure('transient', `its answer makes no sense: ${kept.why}`)
  const why = problem(kept.value)
  return why === null ? { ok: true, value: kept.value } : failure('transient', `its answer makes no sense: ${why}`)
}

export function slotProblem(seen: ObservedSlot): string | null {
  const { desired, running, ready, restarts, upstreams } = seen
  const odd = Object.entries({ desired, running, ready, restarts }).find(([, count]) => !isCount(count))
  if (odd) return `${odd[0]} is ${odd[1]}`
  return Array.isArray(upstreams) ? null : 'it names no list of upstreams'
}

export function routeProblem({ weights }: ObservedRoute): string | null {
  const odd = Object.entries(weights ?? { blue: undefined }).find(([, weight]) => !(isCount(weight) && weight <= 100))
  return odd ? `the weight of ${odd[0]} is ${odd[1]}` : null
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}
