/**
 * For whoever wants routes set: a typed client of the admin API, and `ensureRouter`, which starts the router if none
 * lives. The client survives a restart of the router: when it cannot reach it, it reads `router.json` again, once.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive } from './primary/holder.ts'
import { RouterInfo } from './info.ts'
import { problem, type Problem } from './problem.ts'
import type { HealthView, MetricsView, ReplacedView, RoutesView, RouteView } from './view.ts'
import type { WishInput } from './wish.ts'

/** `status` is null when there was no answer: then the wish may or may not be in force; ask with `get`. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number | null; readonly problem: Problem }

export interface RouterClient {
  /** Where `router.json` was read. */
  readonly dir: string
  /** Idempotent; resolves when the wish is saved and in force. */
  put(key: string, wish: WishInput): Promise<Result<RouteView>>
  get(key: string): Promise<Result<RouteView>>
  list(): Promise<Result<RoutesView>>
  metrics(key: string): Promise<Result<MetricsView>>
  remove(key: string, generation: number): Promise<Result<{ readonly removed: string }>>
  replaceWorker(): Promise<Result<ReplacedView>>
  health(): Promise<Result<HealthView>>
}

const READ_TIMEOUT_MS = 5_000
const CHANGE_TIMEOUT_MS = 20_000

/** Rejects when no living router holds the folder. */
export async function connect(dir: string): Promise<RouterClient> {
  const info = await readInfo(dir)
  if (info === null) throw new Error(`No router is running in ${dir}. Start one: stellwerk-router --data ${dir}`)
  return client(dir, info)
}

function client(dir: string, first: RouterInfo): RouterClient {
  let info = first
  const call = async <T>(method: string, path: string, timeoutMs: number, body?: unknown): Promise<Result<T>> => {
    const result = await send<T>(info, { method, path, timeoutMs, body })
    if (result.ok || (result.status !== null && result.status !== 401)) return result
    const again = await readInfo(dir)
    if (again === null || (again.url === info.url && again.token === info.token)) return result
    info = again
    return send<T>(info, { method, path, timeoutMs, body })
  }
  const route = (key: string) => `/routes/${encodeURIComponent(key)}`
  return {
    dir,
    put: (key, wish) => call('PUT', route(key), CHANGE_TIMEOUT_MS, wish),
    get: (key) => call('GET', route(key), READ_TIMEOUT_MS),
    list: () => call('GET', '/routes', READ_TIMEOUT_MS),
    metrics: (key) => call('GET', `${route(key)}/metrics`, READ_TIMEOUT_MS),
    remove: (key, generation) => call('DELETE', `${route(key)}?generation=${generation}`, CHANGE_TIMEOUT_MS),
    replaceWorker: () => call('POST', '/worker/replace', CHANGE_TIMEOUT_MS),
    health: () => call('GET', '/health', READ_TIMEOUT_MS),
  }
}

type Call = { readonly method: string; readonly path: string; readonly timeoutMs: number; readonly body: unknown }

async function send<T>({ url, token }: RouterInfo, { method, path, timeoutMs, body }: Call): Promise<Result<T>> {
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const answer: unknown = await response.json()
    if (response.ok) return { ok: true, value: answer as T }
    return { ok: false, status: response.status, problem: answer as Problem }
  } catch (error) {
    const { message, cause } = error as Error
    const why = cause instanceof Error ? `${message}: ${cause.message}` : message
    return { ok: false, status: null, problem: problem('unreachable', 0, `${method} ${url}${path}: ${why}`) }
  }
}

/** Null when there is no router, or only what a dead one left behind. */
async function readInfo(dir: string): Promise<RouterInfo | null> {
  try {
    const info = RouterInfo.parse(JSON.parse(await readFile(join(dir, 'router.json'), 'utf8')))
    return isAlive(info) ? info : null
  } catch {
    return null
  }
}
