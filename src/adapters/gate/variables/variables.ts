import { listed, quote, say, type Sentence } from '../../../core/say.ts'
import { z } from 'zod'
import type { PlannedComponent } from '../../../core/plan.ts'
import type { Outcome, Verdict } from '../../../core/verdict.ts'
import { NOTHING_OUTSIDE } from '../../../ports/description.ts'
import type { GateContext } from '../../../ports/gate.ts'
import type { Secrets } from '../../../ports/secrets.ts'
import { VariableName } from '../../../stellwerk-yaml/name.ts'
import { gate } from '../../kit.ts'
import { verdict } from '../verdict.ts'

const options = z
  .strictObject({
    kind: z.literal('variables').meta({
      description: 'Every declared variable and secret exists and is not empty.',
      source: 'R-B04',
    }),
    required: z
      .array(VariableName)
      .max(500)
      .prefault([])
      .meta({ description: 'Names that at least one component must have, as a variable or a secret.' }),
    component: z.string().min(1).optional().meta({ description: 'Looks for `required` at this component only.' }),
  })
  .meta({ description: 'Nothing that the instances need is missing.' })

type Options = z.output<typeof options>

/** Before anything is deployed: names what is missing or empty, never a value (R-B04, law L11). */
export const variables = gate({
  kind: 'variables',
  options,
  planned: options,
  stricter: { required: 'more' },
  describe: () => NOTHING_OUTSIDE,
  create: (given, { secrets }) => ({ check: (asked) => check(asked, given, secrets) }),
})

type Finding = { readonly outcome: Exclude<Outcome, 'pass'>; readonly said: Sentence }

async function check(context: GateContext, options: Options, secrets: Secrets): Promise<Verdict> {
  const { components } = context.plan
  const findings: Finding[] = [...undeclared(components, options)]
  for (const component of components) {
    findings.push(...emptyVariables(component), ...(await badSecrets(component, secrets, context.signal)))
  }
  const count = components.reduce((sum, each) => sum + settings(each).length, 0)
  return judged(context, findings, count)
}

function judged(context: GateContext, findings: readonly Finding[], count: number): Verdict {
  const failed = findings.some(({ outcome }) => outcome === 'fail')
  const outcome = findings.length === 0 ? 'pass' : failed ? 'fail' : 'no-evidence'
  const actual = findings.length === 0 ? say`${count} set` : listed(findings.map(({ said }) => said))
  const said =
    outcome === 'pass'
      ? allSet(count, context.plan.environment)
      : say`${context.plan.environment} is not ready: ${actual}.`
  const expected = 'every declared and required variable and secret exists and is not empty'
  return verdict(context, { outcome, expected, actual, source: 'the plan and its secret references', said })
}

function allSet(count: number, environment: string): Sentence {
  if (count === 0) return say`No component of ${environment} has variables or secrets.`
  return count === 1
    ? say`The one variable or secret of ${environment} is set.`
    : say`All ${count} variables and secrets of ${environment} are set.`
}

function undeclared(components: readonly PlannedComponent[], { required, component }: Options): readonly Finding[] {
  const asked = component === undefined ? components : components.filter(({ name }) => name === component)
  const known = asked.flatMap(settings)
  const missing = (name: string) =>
    component === undefined
      ? say`${name} is required, and no component has it as a variable or a secret`
      : say`${name} is required, and the component ${component} does not have it as a variable or a secret`
  return required.filter((name) => !known.includes(name)).map((name) => ({ outcome: 'fail', said: missing(name) }))
}

function settings({ variables, secrets }: PlannedComponent): readonly string[] {
  return [...Object.keys(variables), ...Object.keys(secrets)]
}

function emptyVariables({ name, variables }: PlannedComponent): readonly Finding[] {
  return Object.entries(variables)
    .filter(([, value]) => value.trim() === '')
    .map(([variable]) => ({ outcome: 'fail', said: say`${variable} of ${name} is empty` }))
}

async function badSecrets(
  component: PlannedComponent,
  secrets: Secrets,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const [secret, reference] of Object.entries(component.secrets)) {
    const read = await secrets.read(reference, signal)
    if (read.ok && read.value.trim() === '')
      findings.push({ outcome: 'fail', said: say`${secret} of ${component.name} is empty` })
    if (!read.ok) {
      const outcome = read.kind === 'permanent' ? 'fail' : 'no-evidence'
      findings.push({ outcome, said: say`${secret} of ${component.name} cannot be read: ${quote(read.message)}` })
    }
  }
  return findings
}
