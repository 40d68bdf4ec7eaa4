/** Where a secret may lie. Not only components have secrets: a metrics source needs one to be let in. */
import { z } from 'zod'
import { VariableName } from './name.ts'

const PATH = 'a path to a file'

export const EnvSecretOptions = z
  .strictObject({
    kind: z.literal('env').meta({ description: 'A variable of the control plane itself.' }),
    name: VariableName.meta({ description: 'Name of the variable.' }),
  })
  .meta({ description: 'A secret in the environment of the control plane.' })

export const FileSecretOptions = z
  .strictObject({
    kind: z.literal('file').meta({ description: 'A file that holds nothing but the secret.' }),
    path: z
      .string(PATH)
      .regex(/^[^\0]+$/, PATH)
      .max(4096)
      .meta({ description: 'Its path; a relative one starts from the folder of stellwerk.yaml.' }),
  })
  .meta({ description: 'A secret in a file of its own, as systemd, Docker and Kubernetes hand them over.' })

export const SecretOptions = z.discriminatedUnion('kind', [EnvSecretOptions, FileSecretOptions])

const BY_NAME = '`{ secret: NAME }`, where NAME is one of `secrets`'

/**
 * An option that is a secret: named, never written. What an address of a chat or a pager lets one do is send in our name,
 * and a plan stands in the log for ever (law L11). In a plan it is the reference that `secrets` has for the name.
 */
export const SecretByName = z.strictObject(
  { secret: VariableName.meta({ description: 'One of `secrets` of the environment.' }) },
  BY_NAME,
)
