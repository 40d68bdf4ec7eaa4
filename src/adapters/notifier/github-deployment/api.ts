/** What is asked of GitHub's REST API, and what its answers mean. */
import { z } from 'zod'
import type { Instant } from '../../../core/time.ts'
import type { AdapterContext } from '../../../ports/adapter.ts'
import { failure, ok, type Failure, type Result } from '../../../ports/result.ts'
import { judged, retryAfterMs } from '../post.ts'

export type Api = {
  deployments(query: URLSearchParams): Promise<Result<readonly { readonly id: number; readonly task: string }[]>>
  /** Answers the id of the new one. */
  deploy(body: object): Promise<Result<number>>
  /** The newest state of a deployment; null where it has none. */
  stateOf(id: number): Promise<Result<string | null>>
  send(path: string, body: object): Promise<Result<{ readonly receipt: string }>>
}

export type At = {
  readonly base: string
  readonly repository: string
  readonly token: string
  readonly context: Pick<AdapterContext, 'http' | 'redact' | 'clock'>
  readonly signal: AbortSignal
}

const TIME_LIMIT_MS = 15_000
const SIZE_LIMIT = 2_000_000

const Deployments = z.array(
  z.object({
    id: z.int(),
    task: z
      .string()
      .nullish()
      .transform((task) => task ?? ''),
  }),
)
const Deployment = z.object({ id: z.int() })
const Statuses = z.array(z.object({ state: z.string() }))

export function apiAt(at: At): Api {
  return {
    deployments: (query) => read(at, Deployments, { method: 'GET', path: `/deployments?${query}` }),
    deploy: async (body) => {
      const made = await read(at, Deployment, { method: 'POST', path: '/deployments', body })
      return made.ok ? ok(made.value.id) : made
    },
    stateOf: async (id) => {
      const statuses = await read(at, Statuses, { method: 'GET', path: `/deployments/${id}/statuses?per_page=1` })
      return statuses.ok ? ok(statuses.value[0]?.state ?? null) : statuses
    },
    send: async (path, body) => {
      const answer = await ask(at, { method: 'POST', path, body })
      return answer.ok ? ok({ receipt: answer.value.receipt }) : answer
    },
  }
}

type Asked = { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: object }
type Answered = { readonly status: number; readonly text: string; readonly receipt: string }

async function ask(
  { base, repository, token, context, signal }: At,
  { method, path, body }: Asked,
): Promise<Result<Answered>> {
  const url = new URL(`${base}/repos/${repository}${path}`)
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'user-agent': 'stellwerk',
    'x-github-api-version': '2022-11-28',
  }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const limits = { timeLimitMs: TIME_LIMIT_MS, sizeLimit: SIZE_LIMIT, signal }
  const answer = await context.http(url, { method, headers, ...sent, ...limits })
  if (!answer.ok) return failure(answer.kind, `${url.host} did not answer: ${answer.message}`)
  const { status, text } = answer.value
  const now = context.clock.now()
  const taken = judged(answer.value, { host: url.host, redact: context.redact, now })
  if (taken.ok) return ok({ status, text, receipt: taken.value.receipt })
  return limitOf(answer.value.headers, status, now) ?? taken
}

async function read<T>(at: At, schema: z.ZodType<T>, asked: Asked): Promise<Result<T>> {
  const answer = await ask(at, asked)
  if (!answer.ok) return answer
  const parsed = schema.safeParse(jsonOf(answer.value.text))
  if (parsed.success) return ok(parsed.data)
  const [path] = asked.path.split('?')
  // 202: GitHub merged something instead of deploying, which nobody asked it to do.
  const message = `${at.base} answers ${answer.value.status} to ${asked.method} ${path} with something else than it should`
  return failure('permanent', message)
}

/** GitHub says 403 where it limits rates, too: it may pass. Null for a 403 that means no. */
function limitOf(headers: Headers, status: number, now: Instant): Failure | null {
  if (status !== 403) return null
  const wait = retryAfterMs(headers.get('retry-after'), now) ?? resetOf(headers, now)
  return wait === null ? null : { ...failure('transient', 'GitHub limits how often it is asked'), retryAfterMs: wait }
}

function resetOf(headers: Headers, now: number): number | null {
  if (headers.get('x-ratelimit-remaining') !== '0') return null
  const waitMs = Number(headers.get('x-ratelimit-reset')) * 1000 - now
  return waitMs > 0 ? waitMs : 1000
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What is no JSON does not fit the schema either.
    return undefined
  }
}
