/** A command line that stands in a plan, in the folder of its component's artifact: migrations, and what a rollback mitigates. */
import type { PlannedCommand } from '../../core/plan.ts'
import type { Run, RunEnd } from '../../ports/adapter.ts'
import type { ArtifactComponent } from '../../core/artifact.ts'
import { failure, ok, type Order, type Result } from '../../ports/result.ts'

export type CommandSetting = {
  /** Of the component: what the folder holds in which it runs. */
  readonly artifact: ArtifactComponent
  /** Complete; holds values of secrets. */
  readonly environment: Readonly<Record<string, string>>
  /** Which of those values are secrets. */
  readonly secrets: readonly string[]
}

/** Longest time one declared command may take; the order's own deadline usually ends it earlier. */
const COMMAND_LIMIT_MS = 600_000

/**
 * Exit 0 is `ok`; another exit is `permanent` with the tail of the output; ended by the time limit or the order's abort is
 * `unknown`, since part of it may have happened.
 */
export async function runPlannedCommand(
  run: Run,
  { command }: Pick<PlannedCommand, 'command'>,
  { artifact, environment, secrets }: CommandSetting,
  order: Order,
): Promise<Result<{ readonly output: string }>> {
  const end = await run({
    command,
    content: artifact,
    environment: { ...environment, STELLWERK_KEY: order.key },
    secrets,
    timeLimitMs: COMMAND_LIMIT_MS,
    signal: order.signal,
  })
  return end.ok ? judge(command, end.value) : end
}

function judge(command: string, end: RunEnd): Result<{ readonly output: string }> {
  if (end.how === 'exited' && end.code === 0) return ok({ output: end.output })
  const said = end.output.trim() === '' ? 'it printed nothing' : `it printed last:\n${end.output.trimEnd()}`
  const took = `after ${end.durationMs} ms`
  if (end.how === 'exited') {
    const how = end.code === null ? `was ended by ${end.signal}` : `ended with exit code ${end.code}`
    return failure('permanent', `\`${command}\` ${how} ${took}; ${said}`)
  }
  const why = end.how === 'timed-out' ? 'reached its time limit' : "reached the order's deadline"
  return failure('unknown', `\`${command}\` ${why} ${took} and was killed; part of it may have happened; ${said}`)
}
