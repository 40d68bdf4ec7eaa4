/** The embedded router as its two adapters see it: what sets its routes and what reads its counts. */
import { type Failure, failure, ok, type Result, type Target } from '../../ports/result.ts'
import type { Problem, RouterClient } from '../../router/client.ts'

export type EmbeddedDeps = {
  readonly target: Target
  /** A client of the router that lives now; started when there is none. */
  readonly client: () => Promise<RouterClient>
}

/** One route per component of an environment; letters, digits and `._:-`, as the router demands. */
export function routeKey({ service, environment, component }: Target): string {
  return environmentKey({ service, environment }) + component
}

/** What the keys of all routes of one environment begin with. */
export function environmentKey({ service, environment }: Omit<Target, 'component'>): string {
  return `${service}:${environment}:`
}

export async function reach({ client }: Pick<EmbeddedDeps, 'client'>): Promise<Result<RouterClient>> {
  try {
    return ok(await client())
  } catch (error) {
    return failure(
      'transient',
      `the router does not come up: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

/**
 * No answer: it may be in force. An address that another route of this router still has may become free. Everything else
 * stays wrong however often it is said: an address that another program has, or that needs a privilege.
 */
export function refusalOf(status: number | null, problem: Partial<Problem> | null): Failure {
  const { detail, title, heldBy } = problem ?? {}
  const message = `router: ${detail ?? title ?? `it answered ${status}`}`
  if (status === null) return failure('unknown', message)
  const mayPass = status >= 500 || status === 401 || heldBy !== undefined
  return failure(mayPass ? 'transient' : 'permanent', message)
}
