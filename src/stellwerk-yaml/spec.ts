import { expected } from './expected.ts'
import { say } from '../core/say.ts'
import { z } from 'zod'
import type { AdapterOptions, SecretReference } from '../core/plan.ts'
import type { AdapterSchema, AdapterSchemas } from './adapter-options.ts'
import { Analysis } from './analysis.ts'
import { Approvals } from './people.ts'
import { Ci } from './ci.ts'
import { componentSchema } from './component.ts'
import { Migrations } from './migrations.ts'
import { Name, VariableName } from './name.ts'
import { notifySchema } from './notify.ts'
import { Accounts, Groups, People, PolicySection } from './people.ts'
import { Rollback } from './rollback.ts'
import { Rollout } from './rollout.ts'
import { Smoke } from './smoke.ts'
import { Variables } from './variables.ts'

const MAX_COMPONENTS = 100

/**
 * The sections of stellwerk.yaml with the adapters of a registry. Each is a schema of its own, so that what is wrong in
 * one does not hide what is wrong in another.
 */
export function buildSpecSchema(adapters: AdapterSchemas) {
  const secret = oneOf(adapters.secrets) as unknown as z.ZodType<SecretReference>
  const component = { platform: oneOf(adapters.platforms), router: oneOf(adapters.routers), secret }
  const components = z
    .record(Name, componentSchema(component))
    .refine((map) => Object.keys(map).length <= MAX_COMPONENTS, expected(say`at most ${MAX_COMPONENTS} components`))
    .meta({ description: 'What is released: its parts, each on its own platform; at most 100.', source: 'R-A02' })
  return {
    people: People.prefault({}),
    groups: Groups.prefault({}),
    accounts: Accounts.prefault({}),
    policy: PolicySection.prefault({}),
    ci: Ci,
    components,
    rollout: Rollout.prefault({}).meta({ description: 'How traffic moves, and how long everything may take.' }),
    metrics: oneOf(adapters.metrics).prefault({ kind: 'router' }).meta({ description: 'Where numbers come from.' }),
    analysis: Analysis,
    smoke: Smoke,
    migrations: Migrations.optional(),
    rollback: Rollback.prefault({}).meta({ description: 'What a rollback does besides returning traffic.' }),
    secrets: ownSecrets(secret),
    notify: notifySchema(oneOf(adapters.notifiers)),
    gates: gatesSchema(adapters.gates),
    approvals: Approvals,
    variables: Variables.prefault({}).meta({ description: 'Configuration of all components.', source: 'R-A01' }),
  }
}

function ownSecrets(secret: z.ZodType<SecretReference>) {
  return z.record(VariableName, secret).prefault({}).meta({
    description:
      'Where the secrets of the environment itself are read: those that `notify` and `metrics` name. Never their values.',
    source: 'R-B06',
  })
}

export type SpecSections = ReturnType<typeof buildSpecSchema>
export type SectionName = keyof SpecSections

/** Everything one environment says, its layers merged and its defaults filled in. */
export type EnvironmentSpec = { readonly [S in SectionName]: z.output<SpecSections[S]> }

/** What stellwerk.yaml says, read without a single problem. */
export type Spec = {
  readonly service: string
  readonly environments: Readonly<Record<string, EnvironmentSpec>>
  /** `stellwerk.yaml:7:11` of what stands at a path of an environment, or of the nearest thing around it. */
  readonly locate: (environment: string, path: readonly (string | number)[]) => string
}

type Adapter = z.ZodType<AdapterOptions, { readonly kind: string }>

/** One of the adapters, told apart by `kind`. The casts say what `AdapterSchema` demands. */
function oneOf(adapters: readonly [AdapterSchema, ...AdapterSchema[]]): Adapter {
  const [first, ...rest] = adapters
  const union = z.discriminatedUnion('kind', [discriminable(first), ...rest.map(discriminable)])
  return union as unknown as Adapter
}

function discriminable({ options }: AdapterSchema): z.ZodObject {
  return options as unknown as z.ZodObject
}

/** `variables` alone is short for `{ kind: variables }`, for gates that need no option. */
function gatesSchema(gates: AdapterSchemas['gates']) {
  const full = oneOf(gates)
  const bare = gates.map(({ kind }) => kind).filter((kind) => full.safeParse({ kind }).success)
  const short = z
    .enum(bare)
    .transform((kind) => ({ kind }))
    .pipe(full)
  return z
    .array(z.union([short, full]))
    .max(100)
    .prefault(['artifact-pinned', 'variables', 'stable-release'].filter((kind) => bare.includes(kind)))
    .meta({ description: 'Conditions that must hold before anything is deployed.', source: 'R-B21' })
}
