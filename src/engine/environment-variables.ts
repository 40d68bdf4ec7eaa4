import type { Slot } from '../core/observed.ts'
import type { Plan, PlannedComponent } from '../core/plan.ts'
import { failure, ok, type Result } from '../ports/result.ts'
import type { Secrets } from '../ports/secrets.ts'

/** Complete environment variables of a process; values may be secrets. */
type Environment = Readonly<Record<string, string>>

/**
 * Everything a component's processes get: declared variables, secrets read now by reference, flags as
 * `STELLWERK_FLAG_<NAME>`. A secret that cannot be read is named, its value never is (R-B04).
 */
export async function resolveEnvironment(
  secrets: Secrets,
  plan: Plan,
  component: PlannedComponent,
  signal: AbortSignal,
): Promise<Result<Environment>> {
  const environment: Record<string, string> = { ...component.variables }
  for (const [flag, value] of Object.entries(plan.flags)) environment[flagName(flag)] = value
  for (const [name, reference] of Object.entries(component.secrets)) {
    const read = await secrets.read(reference, signal)
    if (!read.ok) return failure(read.kind, `secret ${name} of ${component.name}: ${read.message}`)
    environment[name] = read.value
  }
  return ok(environment)
}

/** What instances know of themselves, whatever platform they run on; a spec cannot set these. */
export function instanceVariables(plan: Plan, { name }: PlannedComponent, slot: Slot): Environment {
  return {
    STELLWERK_SERVICE: plan.service,
    STELLWERK_COMPONENT: name,
    STELLWERK_ENVIRONMENT: plan.environment,
    STELLWERK_VERSION: plan.artifact.version,
    STELLWERK_SLOT: slot,
  }
}

function flagName(flag: string): string {
  return `STELLWERK_FLAG_${flag.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`
}
