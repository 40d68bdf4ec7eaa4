import { expected, foundWrong } from './expected.ts'
import { say, type Told } from '../core/say.ts'
import { z } from 'zod'
import { VariableName } from './name.ts'
import { whySecret } from './secret-shapes.ts'

const VALUE = expected(say`text (put numbers and booleans in quotes)`)
const Text = z.string(VALUE).max(32_768)

const Public = z.strictObject({
  public: Text.meta({ description: 'A value that looks like a secret, and that everybody may know.' }),
})

/**
 * `{ LOG_LEVEL: info }`: plain configuration of the instances. Secrets are not variables, for they would stand in the plan
 * and in the log for ever: what looks like one is refused, unless it says `{ public: … }`.
 */
export const Variables = z
  .record(VariableName, z.union([Text, Public]))
  .superRefine((variables, context) => {
    for (const [name, value] of Object.entries(variables)) {
      const why = typeof value === 'string' ? whySecret(name, value) : null
      if (why !== null) context.addIssue({ ...foundWrong(instead(name, why)), path: [name] })
    }
  })
  .transform((variables) => {
    const plain = Object.entries(variables).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value.public,
    ])
    return Object.fromEntries(plain) as Readonly<Record<string, string>>
  })
  .meta({ id: 'Variables', description: `${VALUE}; \`{ public: … }\` for what looks like a secret but is not` })

function instead(name: string, why: Told): Told {
  const secret = say`\`secrets: { ${name}: { kind: env, name: ${name} } }\` of the component`
  return say`${secret}, since ${why}, or \`{ public: … }\` for what everybody may know`
}
