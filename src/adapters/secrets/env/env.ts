/** Secrets from variables of the process that runs the control plane. */
import { z } from 'zod'
import { NOTHING_OUTSIDE } from '../../../ports/description.ts'
import { failure, ok } from '../../../ports/result.ts'
import { VariableName } from '../../../stellwerk-yaml/name.ts'
import { secretSource } from '../../kit.ts'

const options = z
  .strictObject({
    kind: z.literal('env').meta({ description: 'A variable of the control plane itself.' }),
    name: VariableName.meta({ description: 'Name of the variable.' }),
  })
  .meta({ description: 'A secret in the environment of the control plane.' })

export const env = secretSource({
  kind: 'env',
  options,
  planned: z.object({ kind: z.literal('env'), name: z.string() }),
  describe: () => NOTHING_OUTSIDE,
  create: ({ name }, { host: { environment } }) => ({
    read: async () => {
      const value = Object.hasOwn(environment, name) ? environment[name] : undefined
      if (value !== undefined) return ok(value)
      return failure('permanent', `the control plane has no variable ${name}; set it and start the control plane again`)
    },
  }),
})
