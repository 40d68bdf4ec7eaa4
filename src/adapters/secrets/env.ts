import type { SecretReference } from '../../core/plan.ts'
import { failure, ok, type Result } from '../../ports/result.ts'
import type { Secrets } from '../../ports/secrets.ts'
import { EnvSecretOptions } from '../../spec/adapter-options.ts'

export type EnvDeps = { readonly environment: Readonly<Record<string, string | undefined>> }

/** Secrets from variables of the process that runs the control plane. Says names, never values. */
export const env = {
  kind: 'env',
  options: EnvSecretOptions,
  create(deps: EnvDeps): Secrets {
    return { read: async (reference) => read(reference, deps) }
  },
} as const

function read(reference: SecretReference, { environment }: EnvDeps): Result<string> {
  if (reference.kind !== 'env') return failure('permanent', `a reference of kind "${reference.kind}" is not for env`)
  const value = Object.hasOwn(environment, reference.name) ? environment[reference.name] : undefined
  if (value !== undefined) return ok(value)
  return failure(
    'permanent',
    `the control plane has no variable ${reference.name}; set it and start the control plane again`,
  )
}
