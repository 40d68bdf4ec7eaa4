import type { Aggregate, StreamEvent, StreamInput, StreamState } from '../core/aggregate.ts'
import type { Plan } from '../core/plan.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { Clock } from '../ports/clock.ts'
import type { Store } from '../ports/store.ts'
import type { JobQueue } from '../ports/job-queue.ts'
import type { Log } from '../ports/log.ts'
import type { Driven } from './drive.ts'
import type { Troubles } from './troubles.ts'

export type Outside = { readonly adapters: Adapters; readonly store: Store; readonly clock: Clock }

/** What is bound to a host is performed by that host's control plane alone. */
export type OwnHost = {
  /** Whose commands are performed here: its own id, then those of hosts that it took over. */
  readonly ids: readonly string[]
  /** Hosts that have nothing any more, and whose queues nobody works: asked once the queue has started. */
  readonly orphans?: () => Promise<readonly string[]>
  /** The id of the other host that has what this plan would start; null: none. */
  readonly other: (plan: Plan) => Promise<string | null>
}

export type EngineOptions = Outside & {
  readonly queue: JobQueue
  readonly log: Log
  /** Absent where there is one host for ever. */
  readonly host?: OwnHost
  /** Commands performed at the same time by this process; default 16. */
  readonly concurrency?: number
  /** How often environments between releases are looked at, ms; default 5 000. */
  readonly reconcileMs?: number
  /** How often hand-overs and pumps that got lost are looked for, ms; default 2 000 and 5 000. */
  readonly sweepMs?: number
  /** Told, beside the log, of what must never happen. */
  readonly broken?: (what: Broken) => void
}

/** An interlock that stopped a stream; or work in the background that failed, and is repeated. */
export type Broken =
  | { readonly what: 'interlock'; readonly stream: string; readonly interlock: string; readonly error: string }
  | { readonly what: 'background work'; readonly error: string }

export type Engine = {
  start(): Promise<void>
  /** Stops taking work, lets running commands end up to `graceMs`; rollouts go on elsewhere, or at the next start. */
  stop(graceMs: number): Promise<void>
  /** Gives one input to a stream, which may be its first; null when there is no such stream of this kind. */
  give<S extends StreamState, I extends StreamInput, E extends StreamEvent>(
    kind: Aggregate<S, I, E>,
    stream: string,
    input: I,
  ): Promise<Driven<S, E> | null>
  /** After a commit: lets workers know of commands, and passes the environment on when a rollout ended. */
  follow(driven: Driven | null): Promise<void>
  /** What this process fails to drive, for whoever looks. */
  readonly troubles: Pick<Troubles, 'of' | 'all'>
}

/** The engine's parts see each other through this. */
export type Running = EngineOptions &
  Pick<Engine, 'give' | 'follow'> & {
    readonly stopping: AbortSignal
    /** Holders of an environment of which this process knows that what they supersede was told. */
    readonly superseded: Set<string>
    readonly troubles: Troubles
  }

/** The engine stops: whoever starts next finds the work in the database. */
export function stopped(): void {}
