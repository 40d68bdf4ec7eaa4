/** The router process of a data folder: found, or started, when it is first needed; its client survives its restarts. */
import { join } from 'node:path'
import type { Host } from '../../../ports/adapter.ts'
import { type Failure, failure, ok, type Result, type Target } from '../../../ports/result.ts'
import { ensureRouter, type Problem, type RouterClient } from '../../../router/client.ts'

/** One route per component of an environment; letters, digits and `._:-`, as the router demands. */
export function routeKey({ service, environment, component }: Target): string {
  return environmentKey({ service, environment }) + component
}

/** What the keys of all routes of one environment begin with. */
export function environmentKey({ service, environment }: Omit<Target, 'component'>): string {
  return `${service}:${environment}:`
}

const known = new Map<string, Promise<RouterClient>>()

/** One client per data folder; who fails to come up is tried again next time. */
export function routerOf({ dataFolder }: Pick<Host, 'dataFolder'>): Promise<RouterClient> {
  const folder = join(dataFolder, 'router')
  const found = known.get(folder)
  if (found) return found
  const coming = ensureRouter(folder)
  known.set(folder, coming)
  coming.catch(() => known.delete(folder))
  return coming
}

/** Nobody needs the router of this folder any more, or it is gone and has to be started anew. */
export function forgetRouter({ dataFolder }: Pick<Host, 'dataFolder'>): void {
  known.delete(join(dataFolder, 'router'))
}

export async function reach(find: () => Promise<RouterClient>): Promise<Result<RouterClient>> {
  try {
    return ok(await find())
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
