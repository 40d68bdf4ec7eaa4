import { quote, saidOr, say, type Sentence, type Told, verbatim } from '../../core/say.ts'
import { type Problem, type ProblemKind, PROBLEMS, problemKind, StellwerkError } from '../../errors.ts'
import type { Connection } from './connection.ts'
import { type Exchanged, exchange } from './exchange.ts'
import { delay, timeLimit } from '../../timers.ts'
import { foreignData } from '../../core/foreign-text.ts'
import { readVersion, understands, VERSION_HEADER } from '../../version.ts'
import { askVersion, notUnderstood, otherVersion, upgrade } from './versions.ts'

const TIMEOUT_MS = 30_000
/** Of a part of a content over a slow line. */
const SEND_TIMEOUT_MS = 240_000
const REPEAT_EVERY_MS = 250

export type Call = {
  /** What to do where the usual advice for such a refusal does not fit. */
  readonly fixes?: Readonly<Partial<Record<ProblemKind, Sentence>>>
  /** For the error: `start the rollout` → "cannot start the rollout". */
  readonly doing: Sentence
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** It brings users back: asked of a control plane of any version. */
  readonly anyVersion?: true
}

/** The HTTP API as a verb sees it: data, or a `StellwerkError` that says what to do. */
export class Client {
  readonly #find: () => Promise<Connection>
  readonly #parse: (json: string) => unknown
  readonly #own = readVersion()
  /** Of the control plane; null while it has said none. */
  #theirs: string | null = null

  /** `raw`: for programs, texts as they are; otherwise they are cleaned for a screen. */
  constructor(find: () => Promise<Connection>, raw = false) {
    this.#find = find
    this.#parse = raw ? JSON.parse : parseForScreen
  }

  /** The control plane's version where it is another one than ours; null where it is ours, or is not known. */
  async otherVersion(): Promise<string | null> {
    this.#theirs ??= await this.#find().then(
      ({ url }) => askVersion(url),
      () => null,
    )
    return this.#theirs === this.#own ? null : this.#theirs
  }

  /** What happened, as the versions explain it where they differ. */
  async explained(error: unknown, why: Told): Promise<StellwerkError | null> {
    const theirs = await this.otherVersion()
    return theirs === null ? null : notUnderstood(why, this.#own, theirs, error)
  }

  get<T>(path: string, call: Call): Promise<T> {
    return this.#json('GET', path, call)
  }

  delete<T>(path: string, call: Call): Promise<T> {
    return this.#json('DELETE', path, call)
  }

  post<T>(path: string, call: Call): Promise<T> {
    return this.#json('POST', path, call)
  }

  /** Bytes as they are, such as content. An answer that does not come within `SEND_TIMEOUT_MS` is none. */
  async send<T>(method: 'PUT' | 'PATCH', path: string, call: Call & { readonly bytes: Uint8Array }): Promise<T> {
    const { url, token } = await this.#find()
    if (method === 'PUT') await this.#mustUnderstand(call)
    const limit = timeLimit(SEND_TIMEOUT_MS)
    const signal = call.signal ? AbortSignal.any([call.signal, limit]) : limit
    const type = { 'Content-Type': 'application/octet-stream' }
    const headers = { Authorization: `Bearer ${token}`, [VERSION_HEADER]: this.#own, ...type, ...call.headers }
    const sent = exchange(`${url}/api/v1${path}`, { method, headers, bytes: call.bytes, signal })
    const response = await sent.catch((error: unknown) => {
      throw unreachable(url, error)
    })
    if (response.status !== 200) throw await refused(response, call)
    const text = await response.text()
    try {
      return this.#parse(text) as T
    } catch {
      throw notOurs(response)
    }
  }

  /**
   * Like `post`, and safe to repeat: the same key has one effect. When the answer was lost it may have happened, so this
   * asks again for up to `patienceMs`.
   */
  async postOnce<T>(path: string, call: Call & { readonly key: string; readonly patienceMs: number }): Promise<T> {
    const headers = { ...call.headers, 'Idempotency-Key': call.key }
    let lostAt: number | null = null
    for (;;) {
      try {
        return await this.post(path, { ...call, headers })
      } catch (error) {
        if (error instanceof ConnectionLost) lostAt ??= performance.now()
        if (lostAt === null || !(error instanceof StellwerkError) || error.exit !== 'unreachable') throw error
        if (performance.now() - lostAt >= call.patienceMs) throw maybeDone(error, call.doing)
        await delay(REPEAT_EVERY_MS)
      }
    }
  }

  /** The response as it is when it is good; for streams. Without a time limit of its own. */
  async open(path: string, call: Call, method = 'GET'): Promise<Response> {
    const { url, token } = await this.#find()
    if (method === 'POST' && call.anyVersion !== true) await this.#mustUnderstand(call)
    const hasBody = call.body !== undefined
    const headers = {
      Authorization: `Bearer ${token}`,
      [VERSION_HEADER]: this.#own,
      ...(hasBody && { 'Content-Type': 'application/json' }),
      ...call.headers,
    }
    const request = { method, headers, ...(hasBody && { body: JSON.stringify(call.body) }) }
    const response = await fetch(`${url}/api/v1${path}`, {
      ...request,
      ...(call.signal && { signal: call.signal }),
      redirect: 'error',
    }).catch((error: unknown) => {
      throw unreachable(url, error)
    })
    this.#theirs = response.headers.get(VERSION_HEADER) ?? this.#theirs
    if (response.ok) return response
    throw await this.#refused(response, call)
  }

  async #mustUnderstand({ doing }: Call): Promise<void> {
    const theirs = await this.otherVersion()
    if (theirs !== null && !understands(this.#own, theirs)) throw otherVersion(doing, this.#own, theirs)
  }

  /** A request that cannot be read is no slip of the person's when it was written for another version. */
  async #refused(response: Response, call: Call): Promise<StellwerkError> {
    const kind = await kindOf(response.clone())
    const theirs = kind !== null && OF_VERSIONS.has(kind) ? await this.otherVersion() : null
    return refused(response, theirs === null ? call : { ...call, fixes: { [kind!]: upgrade(this.#own, theirs) } })
  }

  async #json<T>(method: string, path: string, call: Call): Promise<T> {
    const limit = timeLimit(TIMEOUT_MS)
    const signal = call.signal ? AbortSignal.any([call.signal, limit]) : limit
    const response = await this.open(path, { ...call, signal }, method)
    try {
      return this.#parse(await response.text()) as T
    } catch (error) {
      throw unreachable(response.url, error)
    }
  }
}

/** The connection broke after something may have been sent. */
export class ConnectionLost extends StellwerkError {}

function unreachable(url: string, error: unknown): StellwerkError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = (cause as NodeJS.ErrnoException | null)?.code
  const why = code === 'ECONNREFUSED' ? say`nothing listens there (ECONNREFUSED)` : quote(textOf(cause))
  const text = {
    what: say`control plane unreachable at ${new URL(url).origin}`,
    why,
    serving: say`unknown: control plane unreachable`,
    fix: say`start it with "stellwerk up", or name another one with --server URL`,
  }
  const nothingSent = code === 'ECONNREFUSED' || code === 'ENOTFOUND'
  return nothingSent ? new StellwerkError('unreachable', text, error) : new ConnectionLost('unreachable', text, error)
}

function maybeDone(error: StellwerkError, doing: Sentence): StellwerkError {
  const what = say`cannot tell whether this worked: ${doing}`
  return new StellwerkError('unreachable', { ...error.text, what, fix: say`when it is back: stellwerk list` }, error)
}

function textOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const { code } = cause as NodeJS.ErrnoException
  return code && !cause.message.includes(code) ? `${cause.message} (${code})` : cause.message
}

/** What a request of another version is refused with. */
const OF_VERSIONS: ReadonlySet<ProblemKind> = new Set([
  'malformed',
  'method-not-allowed',
  'unsupported-type',
  'other-version',
])

const FIXES: Readonly<Record<ProblemKind, Sentence>> = {
  malformed: say`change what it names; if you did not write that, use the same version of stellwerk here and for the control plane`,
  unauthenticated: say`export STELLWERK_TOKEN=…; an administrator makes one with "stellwerk token create"`,
  'not-allowed': say`ask somebody who may do it; more scopes take another token: "stellwerk token create"`,
  'not-found': verbatim('stellwerk list'),
  'method-not-allowed': say`use the same version of stellwerk here and for the control plane`,
  conflict: verbatim('stellwerk status'),
  'too-large': say`make stellwerk.yaml smaller`,
  'other-version': say`use the same version of stellwerk here and for the control plane`,
  'unsupported-type': say`use the same version of stellwerk here and for the control plane`,
  'wrong-host': verbatim('stellwerk up --allow-host NAME'),
  invalid: verbatim('stellwerk validate'),
  'rate-limited': say`wait as long as it says; a token of your own has its own limit`,
  internal: say`"stellwerk doctor", and the log of the control plane`,
  unavailable: say`wait a moment and try again; if it persists: stellwerk doctor, and the log of the control plane`,
}

async function refused(
  response: Exchanged,
  { doing, fixes = {} }: Pick<Call, 'doing' | 'fixes'>,
): Promise<StellwerkError> {
  const problem = await problemIn(response)
  const kind = problem === null ? null : problemKind(problem.type)
  if (problem === null || kind === null) return notOurs(response)
  const { exit } = PROBLEMS[kind]
  const text = {
    what: say`cannot ${doing}`,
    why: saidOr(problem.said, problem.detail),
    problems: problem.problems,
    fix: fixes[kind] ?? FIXES[kind],
  }
  return new StellwerkError(exit, text)
}

async function problemIn(response: Exchanged): Promise<Problem | null> {
  return (await response
    .text()
    .then(parseForScreen, () => null)
    .catch(() => null)) as Problem | null
}

async function kindOf(response: Response): Promise<ProblemKind | null> {
  const problem = await problemIn(response)
  return problem === null ? null : problemKind(problem.type)
}

function notOurs(response: Exchanged): StellwerkError {
  return new StellwerkError('unreachable', {
    what: say`what answers at ${new URL(response.url).origin} is not a control plane`,
    why: say`it answered ${response.status} without a problem that Stellwerk knows`,
    serving: say`unknown: control plane unreachable`,
    fix: say`check --server and STELLWERK_URL`,
  })
}

/** Of several lines by their nature: a signed note of a checkpoint. */
const TEXTS: ReadonlySet<string> = new Set(['checkpoint'])

/**
 * Parses JSON for a screen: every text in it is one printable line, whoever wrote it. A line break in a reason or a name
 * would otherwise forge a line of ours.
 */
export function parseForScreen(json: string): unknown {
  return foreignData(JSON.parse(json) as unknown, TEXTS, (text) => text)
}
