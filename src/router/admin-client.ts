/**
 * For whoever wants routes set: a typed client of the admin API, and `ensureRouter`, which starts the router if none
 * lives. The client survives a restart of the router: when it cannot reach it, it reads `router.json` again, once.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive } from './guard/lock.ts'
import { timeLimit } from './clock.ts'
import { RouterInfo } from './view.ts'
import { problem, type Problem } from './problem.ts'
import type { HealthView, MetricsView, ReplacedView, RoutesView, RouteView } from './view.ts'
import type { DesiredRouteInput } from './desired-route.ts'

/** `status` is null when there was no answer: then the desired route may or may not be in force; ask with `get`. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number | null; readonly problem: Problem }

export interface RouterClient {
  /** Where `router.json` was read. */
  readonly dir: string
  /** Idempotent; resolves when the desired route is saved and in force. `takesOver`: the route whose address it takes; that route goes. */
  put(key: string, desired: DesiredRouteInput, takesOver?: string): Promise<Result<RouteView>>
  get(key: string): Promise<Result<RouteView>>
  list(): Promise<Result<RoutesView>>
  metrics(key: string, signal?: AbortSignal): Promise<Result<MetricsView>>
  remove(key: string, generation: number): Promise<Result<{ readonly removed: string }>>
  replaceWorker(): Promise<Result<ReplacedView>>
  health(): Promise<Result<HealthView>>
}

const READ_TIMEOUT_MS = 5_000
const CHANGE_TIMEOUT_MS = 20_000
/** A thousand routes are a tenth of it; whatever answers more is no router. */
const ANSWER_MAX_BYTES = 10_000_000

/** Rejects when no living router holds the folder. */
export async function connect(dir: string): Promise<RouterClient> {
  const info = await readInfo(dir)
  if (info === null) throw new Error(`No router is running in ${dir}. Start one: stellwerk-router --data ${dir}`)
  return client(dir, info)
}

function client(dir: string, first: RouterInfo): RouterClient {
  let info = first
  const ask = async <T>(asked: Call): Promise<Result<T>> => {
    const result = await send<T>(info, asked)
    if (result.ok || (result.status !== null && result.status !== 401)) return result
    const again = await readInfo(dir)
    if (again === null || (again.url === info.url && again.token === info.token)) return result
    info = again
    return send<T>(info, asked)
  }
  const call = <T>(method: string, path: string, timeoutMs: number, body?: unknown) =>
    ask<T>({ method, path, body, signal: timeLimit(timeoutMs) })
  const route = (key: string) => `/routes/${encodeURIComponent(key)}`
  return {
    dir,
    put: (key, desired, takesOver) => call('PUT', `${route(key)}${taking(takesOver)}`, CHANGE_TIMEOUT_MS, desired),
    get: (key) => call('GET', route(key), READ_TIMEOUT_MS),
    list: () => call('GET', '/routes', READ_TIMEOUT_MS),
    metrics: (key, cut) => {
      const late = timeLimit(READ_TIMEOUT_MS)
      const signal = cut === undefined ? late : AbortSignal.any([cut, late])
      return ask({ method: 'GET', path: `${route(key)}/metrics`, body: undefined, signal })
    },
    remove: (key, generation) => call('DELETE', `${route(key)}?generation=${generation}`, CHANGE_TIMEOUT_MS),
    replaceWorker: () => call('POST', '/worker/replace', CHANGE_TIMEOUT_MS),
    health: () => call('GET', '/health', READ_TIMEOUT_MS),
  }
}

function taking(key: string | undefined): string {
  return key === undefined ? '' : `?takesOver=${encodeURIComponent(key)}`
}

type Call = { readonly method: string; readonly path: string; readonly body: unknown; readonly signal: AbortSignal }

async function send<T>({ url, token }: RouterInfo, { method, path, body, signal }: Call): Promise<Result<T>> {
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const answer = parsed(await bounded(response), response.status)
    if (response.ok) return { ok: true, value: inTodaysWords(answer) as T }
    return { ok: false, status: response.status, problem: answer as Problem }
  } catch (error) {
    const { message, cause } = error as Error
    const why = cause instanceof Error ? `${message}: ${cause.message}` : message
    return { ok: false, status: null, problem: problem('unreachable', 0, `${method} ${url}${path}: ${why}`) }
  }
}

/** A router of 0.1.0, which an upgrade of the control plane leaves running, calls the desired route `wish`. */
function inTodaysWords(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) return answer
  if ('routes' in answer && Array.isArray(answer.routes)) return { ...answer, routes: answer.routes.map(inTodaysWords) }
  return 'wish' in answer && !('desired' in answer) ? { ...answer, desired: answer.wish } : answer
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > ANSWER_MAX_BYTES) throw new Error(`the answer is larger than ${ANSWER_MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string, status: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`it answered ${status} and no JSON but "${text.slice(0, 100).replace(/\s+/g, ' ')}"`)
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
