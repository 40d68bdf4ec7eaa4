import { quote, say, type Sentence, type Told } from '../../../core/say.ts'
import { z } from 'zod'
import type { PlannedComponent } from '../../../core/plan.ts'
import type { Outcome, Verdict } from '../../../core/verdict.ts'
import type { AdapterContext, RunEnd } from '../../../ports/adapter.ts'
import { NOTHING_OUTSIDE } from '../../../ports/description.ts'
import type { GateContext } from '../../../ports/gate.ts'
import { failure, ok, type Result } from '../../../ports/result.ts'
import { Deadline } from '../../../stellwerk-yaml/duration.ts'
import { CommandLine, Label, Name, SpecFolder, VariableName } from '../../../stellwerk-yaml/name.ts'
import { gate } from '../../kit.ts'
import { verdict } from '../verdict.ts'

const options = z
  .strictObject({
    kind: z.literal('command').meta({
      description: 'Any command: exit 0 passes, 1 fails, everything else is no evidence.',
      source: 'R-B21',
    }),
    run: CommandLine.meta({ description: 'Run without a shell in a copy of `folder`.' }),
    folder: SpecFolder.optional().meta({
      description:
        'Folder beside stellwerk.yaml that holds the script, copied when the release is planned; an empty folder when absent. Never the artifact: what is judged does not supply its judge.',
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
const planned = z.object({
  kind: z.literal('command'),
  run: z.string(),
  source: z.string().optional(),
  component: z.string().optional(),
  secrets: z.array(z.string()).optional(),
  name: z.string().optional(),
  timeoutMs: z.number(),
})

type Options = z.output<typeof planned>
type Deps = Pick<AdapterContext, 'run' | 'secrets'>

const OUTPUT_LIMIT = 4096

/** A condition of the team's own, as a command with the exit code as its answer. */
export const command = gate({
  kind: 'command',
  options,
  planned,
  /** It runs what the requester wrote: never before the approvals. */
  runs: 'command',
  stricter: { name: 'free' },
  describe: () => NOTHING_OUTSIDE,
  create: (given, context) => ({ check: (asked) => check(asked, given, context) }),
})

async function check(context: GateContext, options: Options, deps: Deps): Promise<Verdict> {
  const { components } = context.plan
  const named = components.find(({ name }) => name === options.component)
  const component = options.component === undefined ? components[0] : named
  if (!component)
    return judged(context, options, 'no-evidence', say`this plan has no component "${options.component ?? ''}"`)
  const end = await runFor(component, { context, options, deps })
  if (!end.ok) return judged(context, options, 'no-evidence', quote(end.message))
  return judged(context, options, outcomeOf(end.value), describe(end.value))
}

type Asked = { readonly context: GateContext; readonly options: Options; readonly deps: Deps }

/** In an empty folder, or one with the gate's own script; what is judged lies beside it, as data. */
async function runFor(component: PlannedComponent, { context, options, deps }: Asked): Promise<Result<RunEnd>> {
  const secrets = await secretsOf(component, { context, options, deps })
  if (!secrets.ok) return secrets
  return deps.run({
    command: options.run,
    content: options.source === undefined ? null : { digest: options.source },
    beside: component.artifact,
    environment: { ...component.variables, ...secrets.value, ...environmentOf(context, component.name) },
    secrets: Object.values(secrets.value),
    timeLimitMs: options.timeoutMs,
    outputLimit: OUTPUT_LIMIT,
    signal: context.signal,
  })
}

type Values = Readonly<Record<string, string>>

async function secretsOf(component: PlannedComponent, { context, options, deps }: Asked): Promise<Result<Values>> {
  const values: Record<string, string> = {}
  for (const name of options.secrets ?? []) {
    const reference = component.secrets[name]
    if (!reference) return failure('permanent', `${component.name} has no secret "${name}"`)
    const read = await deps.secrets.read(reference, context.signal)
    if (!read.ok) return failure(read.kind, `secret ${name} of ${component.name}: ${read.message}`)
    values[name] = read.value
  }
  return ok(values)
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

function outcomeOf({ how, code }: RunEnd): Outcome {
  if (how !== 'exited') return 'no-evidence'
  return code === 0 ? 'pass' : code === 1 ? 'fail' : 'no-evidence'
}

function describe({ how, code, signal, output }: RunEnd): Sentence {
  const late = {
    'timed-out': say`did not end in time`,
    aborted: say`was ended because the gates took too long`,
    exited: null,
  }[how]
  const end = late ?? (code === null ? say`was ended by ${signal ?? say`a signal`}` : say`exit code ${code}`)
  const last = output.trimEnd().split('\n').at(-1)?.trim().slice(0, 300)
  return last ? say`${end}: ${quote(last)}` : end
}

function judged(context: GateContext, options: Options, outcome: Outcome, actual: Told): Verdict {
  const name = options.name ?? options.run
  const said = {
    pass: say`Gate "${name}" passed: ${actual}.`,
    fail: say`Gate "${name}" failed: ${actual}.`,
    'no-evidence': say`Gate "${name}" gave no evidence: ${actual}.`,
    inconclusive: say`Gate "${name}" is undecided: ${actual}.`,
  }[outcome]
  return verdict(context, { outcome, expected: 'exit code 0', actual, source: options.run, said })
}
