import { z } from 'zod'
import type { AdapterOptions, SecretReference } from '../core/plan.ts'
import { Name, VariableName, UrlPath } from './name.ts'
import { Variables } from './variables.ts'
import { Percentage } from './scalars.ts'

/** What users usually do to a component in one environment. It decides nothing; `plan` and `validate` judge the rules by it. */
export const Traffic = z
  .strictObject({
    requestsPerSecond: z
      .number()
      .positive()
      .max(1_000_000)
      .meta({ description: 'Requests of all users, at the hour in which you release.', unit: 'requests/s' }),
    errorRate: Percentage.meta({ description: 'Share of them that fail while all is well.' }),
  })
  .meta({
    description: '`plan` then says what each step can see. What was measured since the last release takes precedence.',
    source: 'R-E03',
  })

export const Health = z.strictObject({
  live: UrlPath.prefault('/health').meta({ description: 'Answers 200 while the instance is alive.', source: 'R-D03' }),
  ready: UrlPath.prefault('/readiness').meta({
    description: 'Answers 200 when the instance can take requests.',
    source: 'R-D03',
  }),
})

const Instances = z
  .int()
  .min(1)
  .max(1000)
  .prefault(1)
  .meta({ description: 'Instances at full weight.', unit: 'instances' })

/** A component as one environment runs it, after its layers were merged. */
export function componentSchema(adapters: {
  readonly platform: z.ZodType<AdapterOptions>
  readonly router: z.ZodType<AdapterOptions>
  readonly secret: z.ZodType<SecretReference>
}) {
  return z.strictObject({
    health: Health.prefault({}).meta({ description: 'Paths of the health checks.', source: 'R-D03' }),
    after: z
      .array(Name)
      .max(50)
      .prefault([])
      .meta({ description: 'Components that are deployed before this one.', source: 'R-A02' }),
    platform: adapters.platform.meta({ description: 'Where its instances run.', source: 'R-A07' }),
    router: adapters.router.optional().meta({
      description: 'What sends users to it. Absent: it gets no traffic (a worker).',
      source: 'R-D08',
    }),
    traffic: Traffic.optional(),
    instances: Instances,
    variables: Variables.prefault({}).meta({ description: 'Configuration, over the one of the environment.' }),
    secrets: z
      .record(VariableName, adapters.secret)
      .prefault({})
      .meta({ description: 'Where each secret is read when it is needed. Never its value.', source: 'R-B06' }),
  })
}
