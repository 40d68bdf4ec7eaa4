/**
 * What an adapter gets and what it tells of itself: the same for every port (design §8). Nothing else of the control plane
 * reaches an adapter, so that adding one touches its own folder and a line of the registry.
 */
import type { ArtifactComponent } from '../core/artifact.ts'
import type { KeptRehearsal } from '../core/rollback-path.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import type { Failure, Result, Target } from './result.ts'
import type { Router } from './router.ts'
import type { Secrets } from './secrets.ts'

export type AdapterContext = {
  /** Whose it is; `component` is '' for what belongs to a whole environment (notifiers, gates), all are '' for secrets. */
  readonly target: Target
  readonly secrets: Secrets
  readonly http: Http
  readonly run: Run
  readonly clock: Clock
  readonly artifacts: Artifacts
  readonly records: Records
  /** The router of the same component, for who reads what it counts; null where there is none. */
  readonly router: () => Promise<Router | null>
  readonly host: Host
  readonly log: Pick<Log, 'info' | 'warn'>
  /** Takes out of a text every secret that was read so far (law L11). Needed only before a text is cut. */
  readonly redact: (text: string) => string
  /** Aborted when the adapter is closed: what it does by itself ends then. */
  readonly signal: AbortSignal
}

export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | URLSearchParams
  /** For the whole exchange, the answer's body included. */
  readonly timeLimitMs: number
  /** Largest answer that is read, bytes. */
  readonly sizeLimit: number
  readonly signal: AbortSignal
}

export type HttpAnswer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/**
 * - `elsewhere`: the host is none that the adapter's own options name; nothing was sent. `permanent`.
 * - `late`: no complete answer in time; it may have been received. `unknown`.
 * - `aborted`: whoever asked gave up. `unknown`.
 * - `large`: the answer exceeds `sizeLimit`. `permanent`.
 * - `unreachable`: no connection, or one that broke. `transient`.
 */
export type HttpFailure = Failure & { readonly why: 'elsewhere' | 'late' | 'aborted' | 'large' | 'unreachable' }

/** One exchange. Redirects are not followed: they may lead anywhere. Any status is an answer. */
export type Http = (
  url: string | URL,
  request: HttpRequest,
) => Promise<{ readonly ok: true; readonly value: HttpAnswer } | HttpFailure>

export type RunRequest = {
  /** One line, split into arguments without a shell. */
  readonly command: string
  /** What the folder holds in which it runs: a component's artifact, content of the store by digest, or nothing. */
  readonly content: ArtifactComponent | { readonly digest: string } | null
  /** Laid beside that folder, for reading, at `$STELLWERK_ARTIFACT`. */
  readonly beside?: ArtifactComponent
  /** Beside PATH, HOME, LANG and TZ. */
  readonly environment: Readonly<Record<string, string>>
  /** Values in `environment` that are taken out of the output. */
  readonly secrets: readonly string[]
  readonly timeLimitMs: number
  /** Characters of output that are kept, from the end; 20 000 when absent. */
  readonly outputLimit?: number
  readonly signal: AbortSignal
}

export type RunEnd = {
  /** `exited`: by itself; `timed-out`, `aborted`: it was ended by us, so its effect is not known. */
  readonly how: 'exited' | 'timed-out' | 'aborted'
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
  /** Standard output and error as they came, the tail of it, redacted. */
  readonly output: string
  readonly durationMs: number
}

/** A command of the service's own, as a user of its own where we are root; a failure when it could not be started. */
export type Run = (request: RunRequest) => Promise<Result<RunEnd>>

export interface Artifacts {
  /** Digest of what would be started for this reference now, kept copy or folder: `sha256:` and 64 hex digits. */
  digestOf(artifact: ArtifactComponent): Promise<Result<string>>
}

/** Facts of the control plane's own. */
export interface Records {
  /** What was handed over of an environment's rehearsals, the newest last; rejects when that cannot be told. */
  rehearsals(service: string, environment: string): Promise<readonly KeptRehearsal[]>
}

/** The machine of this control plane: for adapters whose instances or sockets are bound to it. */
export type Host = {
  /** Absolute; what the adapters of this control plane keep lies below it. */
  readonly dataFolder: string
  /** Variables of the control plane itself. */
  readonly environment: Readonly<Record<string, string | undefined>>
}
