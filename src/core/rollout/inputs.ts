/**
 * What comes in: requests (what a person or a pipeline wants), observations (what the world answered) and ticks (time
 * passed). Together they are all that `decide` ever learns.
 */
import type { MetricsSnapshot, ObservedRoute, ObservedSlot, Slot } from '../observed.ts'
import type { Plan, PlannedComponent } from '../plan.ts'
import type { Instant } from '../time.ts'
import type { Verdict } from '../verdict.ts'

export type Actor = {
  /** Pseudonymous: `person:alex`, `ci:github`, `system`. Names live in an erasable table (law L11). */
  readonly id: string
  readonly roles: readonly string[]
  /** The token by which the request came: the events of its decision name it beside their actor. */
  readonly token?: string
}

/** The release that serves before this rollout: N-1, the one a rollback returns to (R-A06). */
export type StableRelease = {
  readonly rollout: string
  readonly version: string
  readonly identity: string
  readonly slot: Slot
  /** What it consists of; absent in logs of earlier versions: then the same as the plan of whoever comes after it. */
  readonly components?: readonly PlannedComponent[]
}

export type RolloutRequest = {
  readonly type: 'request-rollout'
  readonly id: string
  readonly plan: Plan
  readonly planHash: string
  /** Digest over commit and component digests: what approvals and quarantine name. */
  readonly identity: string
  readonly by: Actor
  /** The caller's idempotency key: the same one again is the same request. */
  readonly requestKey: string | null
  /** SHA-256 of all that was asked under that key; absent in logs of earlier versions, and without a key. */
  readonly requestFingerprint?: string
  /** Address of the CI run that asks; absent where a person does. */
  readonly run?: string
  readonly stable: StableRelease | null
  /** Components that were released here once, are in neither plan, and of which something is left. */
  readonly leftovers?: readonly PlannedComponent[]
  /** This identity was rolled back here before and nobody lifted that. */
  readonly quarantined: boolean
  /** The rollout that holds the environment now, if any. */
  readonly behind: string | null
}

/** Why a rollback is demanded; one is enough (R-F01). */
export type RollbackCause =
  | 'limit'
  | 'health'
  | 'smoke'
  | 'route'
  | 'deadline'
  | 'undecided'
  | 'no-data'
  | 'person'
  | 'incident'
  | 'security-finding'

/** What somebody was shown before he said yes (law L7). */
export type Seen = { readonly rollout: string; readonly identity: string; readonly planHash: string }

/** All that a person can say with an intent. */
export type IntentFields = {
  readonly reason: string
  /** What a person did by hand. */
  readonly note: string
  readonly cause: 'person' | 'incident' | 'security-finding'
  /** Null: the open one that asks for a role the actor holds. */
  readonly approval: string | null
  /** What the approver was shown; anything but what waits is refused. */
  readonly seen: Seen
}

/** Every intent, and what it says: API, command line, scenarios and the model checker read it here. `intents.ts` judges them. */
export const SAYS = {
  approve: ['approval', 'seen'],
  reject: ['reason'],
  pause: ['reason'],
  resume: [],
  promote: [],
  abort: ['reason'],
  'roll-back': ['reason', 'cause'],
  /** A person has put things right by hand after `needs-human`. */
  resolve: ['note'],
} as const satisfies Readonly<Record<string, readonly (keyof IntentFields)[]>>

export type IntentName = keyof typeof SAYS
export type Says<K extends IntentName> = Pick<IntentFields, (typeof SAYS)[K][number]>
/** What a person wants, as it comes from outside. */
export type Intent<K extends IntentName = IntentName> = { readonly [T in K]: { readonly type: T } & Says<T> }[K]

export const INTENT_NAMES = Object.keys(SAYS) as readonly IntentName[]

/** An intent by its name and what it says. */
export function intent<K extends IntentName>(type: K, says: Says<K>): Intent {
  return { type, ...says } as unknown as Intent
}

/** The same, with what it says out of all that may be said. */
export function intentOf<K extends IntentName>(type: K, said: IntentFields): Intent<K> {
  const fields: readonly (keyof IntentFields)[] = SAYS[type]
  return { type, ...Object.fromEntries(fields.map((field) => [field, said[field]])) } as Intent<K>
}

/** What the engine knows beside it. */
type Known = {
  readonly approve: {
    readonly rollout?: string
    readonly planHash: string
    readonly identity: string
    /** False: the policy that the plan was made under is no longer the one held. */
    readonly policyStands?: boolean
  }
  /** False when another rollout holds the environment: a finalized release then no longer comes back by itself. */
  readonly 'roll-back': { readonly environmentFree: boolean }
}

export type PersonRequest<K extends IntentName = IntentName> = {
  readonly [T in K]: { readonly type: T; readonly by: Actor } & Omit<Says<T>, 'seen'> &
    (T extends keyof Known ? Known[T] : unknown)
}[K]

/** The rollout that held the environment ended; this one is next. What is live may have changed meanwhile. */
export type Admission = {
  readonly type: 'admit'
  readonly stable: StableRelease | null
  readonly leftovers?: readonly PlannedComponent[]
  readonly quarantined: boolean
  /** False: the policy that the plan was made under is no longer the one held. */
  readonly policyStands?: boolean
}

/** A newer rollout takes the environment over: the spare slot is no longer this one's to return to. */
export type Superseded = { readonly type: 'superseded'; readonly by: string }

export type SmokeReport = {
  readonly passed: boolean
  readonly checks: readonly {
    readonly name: string
    readonly url: string
    readonly passed: boolean
    readonly expected: string
    readonly actual: string
    readonly durationMs: number
  }[]
}

/** What a look at everything this rollout touches has brought; parts that could not be seen stand under `failures`. */
export type World = {
  readonly at: Instant
  readonly slots: Readonly<Record<string, Readonly<Partial<Record<Slot, ObservedSlot>>>>>
  readonly routes: Readonly<Record<string, ObservedRoute>>
  readonly metrics: Readonly<Record<string, MetricsSnapshot>>
  readonly failures: readonly { readonly what: string; readonly message: string }[]
}

export type CommandAnswer =
  | { readonly type: 'slot'; readonly component: string; readonly slot: Slot; readonly observed: ObservedSlot }
  | { readonly type: 'route'; readonly component: string; readonly observed: ObservedRoute }
  | { readonly type: 'world'; readonly world: World }
  | { readonly type: 'gate'; readonly verdict: Verdict }
  | { readonly type: 'smoke'; readonly report: SmokeReport }
  | { readonly type: 'done'; readonly detail: string }

/** The answer to one command; `key` is the version of the event that issued it. Answers to unknown keys are ignored. */
export type CommandFinished = {
  readonly type: 'command-finished'
  readonly key: string
  readonly result:
    | { readonly ok: true; readonly answer: CommandAnswer }
    | { readonly ok: false; readonly kind: 'transient' | 'permanent' | 'unknown'; readonly message: string }
}

/** Between releases: the world as a look found it, given in only when it differs from what the state says. */
export type WorldSeen = {
  readonly type: 'world-seen'
  readonly world: World
  /** Another rollout holds the environment and no user has met it yet: what is found is told, and nothing is put right. */
  readonly isHeld?: boolean
}

/**
 * A control plane no longer trusts its log, or does so again (`why` is null). Of several on one database each speaks for itself:
 * `host` is whose data folder holds the checkpoints that the log was held against.
 */
export type LogTrust = { readonly type: 'log-trust'; readonly host: string; readonly why: string | null }

export type Tick = { readonly type: 'tick' }

export type Input =
  | RolloutRequest
  | PersonRequest
  | Admission
  | Superseded
  | CommandFinished
  | WorldSeen
  | LogTrust
  | Tick
