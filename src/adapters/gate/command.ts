import { z } from 'zod'
import type { PlannedComponent } from '../../core/plan.ts'
import type { Outcome, Verdict } from '../../core/verdict.ts'
import type { Gate, GateContext } from '../../ports/gate.ts'
import type { Result } from '../../ports/result.ts'
import { Deadline } from '../../spec/duration.ts'
import { CommandLine, Label, Name, SpecFolder, VariableName } from '../../spec/name.ts'
import { verdict } from './verdict.ts'

const options = z
  .strictObject({
    kind: z.literal('command').meta({
      description: 'Any command: exit 0 passes, 1 fails, everything else is no evidence.',
      source: 'R-B21',
    }),
    run: CommandLine.meta({ description: 'Run without a shell in a copy of `folder`.' }),
    folder: SpecFolder.optional().meta({
      description:
        'Folder beside stellwerk.yaml that holds the script, taken over when the release is planned; an empty folder when absent. Never the artifact: what is judged does not bring its judge.',
    }),
    component: Name.optional().meta({
      description:
        'Whose variables it gets, and whose content it finds at `$STELLWERK_ARTIFACT`; the first to be deployed when absent.',
    }),
    secrets: z
      .array(VariableName)
      .max(50)
      .optional()
      .meta({ description: "Names of the component's secrets that it gets as variables; none when absent." }),
    name: Label.optional().meta({ description: 'For people; the command itself when absent.' }),
    timeout: Deadline.prefault('1m').meta({
      description: 'After this the command is ended, and there is no evidence.',
    }),
  })
  .transform(({ timeout, ...rest }) => ({ ...rest, timeoutMs: timeout }))
  .meta({ description: 'A condition of your own.' })

/** `source`: digest of the folder's content, as the plan has it. */
type Options = z.output<typeof options> & { readonly source?: string }

export type GateCommand = {
  readonly command: string
  /** Digest of the content it runs in; null: an empty folder. */
  readonly source: string | null
  /** Whose variables it gets. */
  readonly component: PlannedComponent
  /** Names of that component's secrets that it gets as well. */
  readonly secrets: readonly string[]
  /** Added to what every command gets; nothing of the control plane's own. */
  readonly environment: Readonly<Record<string, string>>
  readonly timeLimitMs: number
  /** Characters of output that are kept, from the end. */
  readonly outputLimit: number
  readonly signal: AbortSignal
}

export type GateCommandEnd = {
  /** `timed-out`, `aborted`: it was ended from outside, so its exit code says nothing. */
  readonly how: 'exited' | 'timed-out' | 'aborted'
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
  readonly output: string
}

export type CommandGateDeps = {
  /** Runs the command without a shell; a failure when it could not be started. */
  readonly run: (command: GateCommand) => Promise<Result<GateCommandEnd>>
}

const OUTPUT_LIMIT = 4096

/** A condition of the team's own, as a command with the exit code as its answer. */
export const command = {
  kind: 'command',
  options,
  /** It runs what the requester wrote: never before the approvals. */
  runs: 'command',
  stricter: { name: 'free' },
  create(options: Options, deps: CommandGateDeps): Gate {
    return { check: (context) => check(context, options, deps) }
  },
} as const

async function check(context: GateContext, options: Options, deps: CommandGateDeps): Promise<Verdict> {
  const { components } = context.plan
  const named = components.find(({ name }) => name === options.component)
  const component = options.component === undefined ? components[0] : named
  if (!component)
    return judged(context, options, 'no-evidence', `this plan has no component "${options.component ?? ''}"`)
  const end = await deps.run({
    command: options.run,
    source: options.source ?? null,
    component,
    secrets: options.secrets ?? [],
    environment: environmentOf(context, component.name),
    timeLimitMs: options.timeoutMs,
    outputLimit: OUTPUT_LIMIT,
    signal: context.signal,
  })
  if (!end.ok) return judged(context, options, 'no-evidence', end.message)
  return judged(context, options, outcomeOf(end.value), describe(end.value))
}

function environmentOf({ plan }: GateContext, component: string): Readonly<Record<string, string>> {
  return {
    STELLWERK_SERVICE: plan.service,
    STELLWERK_COMPONENT: component,
    STELLWERK_ENVIRONMENT: plan.environment,
    STELLWERK_VERSION: plan.artifact.version,
    STELLWERK_COMMIT: plan.artifact.commit,
  }
}

function outcomeOf({ how, code }: GateCommandEnd): Outcome {
  if (how !== 'exited') return 'no-evidence'
  return code === 0 ? 'pass' : code === 1 ? 'fail' : 'no-evidence'
}

function describe({ how, code, signal, output }: GateCommandEnd): string {
  const late = {
    'timed-out': 'did not end in time',
    aborted: 'was ended because the gates took too long',
    exited: null,
  }[how]
  const end = late ?? (code === null ? `was ended by ${signal ?? 'a signal'}` : `exit code ${code}`)
  const last = output.trimEnd().split('\n').at(-1)?.trim().slice(0, 300)
  return last ? `${end}: ${last}` : end
}

function judged(context: GateContext, options: Options, outcome: Outcome, actual: string): Verdict {
  const name = options.name ?? options.run
  const said = { pass: 'passed', fail: 'failed', 'no-evidence': 'gave no evidence', inconclusive: 'is undecided' }[
    outcome
  ]
  const text = `Gate "${name}" ${said}: ${actual}.`
  return verdict(context, { outcome, expected: 'exit code 0', actual, source: options.run, text })
}
