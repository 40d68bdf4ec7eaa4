/** Where a secret may lie. Not only components have secrets: a metrics source needs one to be let in. */
import { expected } from './expected.ts'
import { say } from '../core/say.ts'
import { z } from 'zod'
import { VariableName } from './name.ts'

const BY_NAME = expected(say`\`{ secret: NAME }\`, where NAME is one of \`secrets\``)

/**
 * An option that is a secret: named, never written. What an address of a chat or a pager lets one do is send in our name,
 * and a plan stands in the log for ever (law L11). In a plan it is the reference that `secrets` has for the name.
 */
export const SecretByName = z.strictObject(
  { secret: VariableName.meta({ description: 'One of `secrets` of the environment.' }) },
  BY_NAME,
)
