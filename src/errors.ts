/**
 * The one place for how Stellwerk says that something did not work: exit codes of the command line (design §10), kinds of
 * HTTP problems (RFC 9457) with their status and exit code, and the error that carries a text for people. The reference
 * pages are generated from these tables.
 */
import { english, quote, say, type Told } from './core/say.ts'

export type ExitCode = { readonly code: number; readonly meaning: string }

export const EXIT = {
  done: { code: 0, meaning: 'Done: users are on the desired version and nothing is left over.' },
  failed: { code: 1, meaning: 'Failed; nothing changed for users.' },
  usage: { code: 2, meaning: 'Usage, spec or artifact invalid; nothing was started.' },
  gate: { code: 3, meaning: 'Blocked by a gate; nothing changed for users.' },
  approval: { code: 4, meaning: 'Waiting for an approval (with --no-wait); the rollout goes on when it is given.' },
  rolledBack: { code: 5, meaning: 'Rolled back: users are on the previous version.' },
  needsHuman: { code: 6, meaning: 'Needs a human: the rollback could not finish.' },
  held: {
    code: 7,
    meaning: 'Another rollout holds the environment (with --no-wait, or at the end of the queue time).',
  },
  unreachable: { code: 8, meaning: 'Control plane unreachable; a rollout under way goes on without us.' },
  notAllowed: { code: 9, meaning: 'Not allowed: token missing, unknown, expired, or without the scope.' },
  unexpected: { code: 10, meaning: 'Rehearsed, and it did not end as the scenario expects.' },
  noEvidence: { code: 11, meaning: 'Judged, and there is too little evidence, or none, to say whether it is good.' },
  timeout: { code: 124, meaning: 'Gave up watching after --timeout; the rollout goes on.' },
  detached: { code: 130, meaning: 'Detached (Ctrl-C, --detach, or nobody reads the output); the rollout goes on.' },
} as const satisfies Record<string, ExitCode>

export type ExitName = keyof typeof EXIT

type ProblemKindFacts = { readonly status: number; readonly title: string; readonly exit: ExitName }

/** Every `type` of an HTTP problem is `urn:stellwerk:problem:<kind>`. */
export const PROBLEMS = {
  malformed: { status: 400, title: 'The request cannot be read', exit: 'usage' },
  unauthenticated: { status: 401, title: 'No valid token', exit: 'notAllowed' },
  'not-allowed': { status: 403, title: 'Not allowed', exit: 'notAllowed' },
  'not-found': { status: 404, title: 'Not found', exit: 'usage' },
  'method-not-allowed': { status: 405, title: 'Method not allowed', exit: 'usage' },
  conflict: { status: 409, title: 'Not possible in this state', exit: 'failed' },
  'other-version': { status: 412, title: 'Asked by another version', exit: 'usage' },
  'too-large': { status: 413, title: 'The request is too large', exit: 'usage' },
  'unsupported-type': { status: 415, title: 'Content type not supported', exit: 'usage' },
  'wrong-host': { status: 421, title: 'Asked by a name that is not ours', exit: 'usage' },
  invalid: { status: 422, title: 'Invalid', exit: 'usage' },
  'rate-limited': { status: 429, title: 'Too much at once, or too many failed attempts', exit: 'notAllowed' },
  internal: { status: 500, title: 'Internal error', exit: 'unreachable' },
  unavailable: { status: 503, title: 'Not available now', exit: 'unreachable' },
} as const satisfies Record<string, ProblemKindFacts>

export type ProblemKind = keyof typeof PROBLEMS

/** One offending thing: `{ where: "stellwerk.yaml:7:11", message: "hold: expected a duration such as \"5m\"" }`. */
export type ProblemDetail = {
  readonly where: string
  readonly message: string
  /** `message` as data, for other languages. */
  readonly said?: Told | undefined
}

export function detail(where: string, said: Told): ProblemDetail {
  return { where, message: english(said), said }
}

/** RFC 9457 body of every refusal of the HTTP API. */
export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** `detail` as data, for other languages. */
  readonly said?: Told | undefined
  readonly problems: readonly ProblemDetail[]
  /** Stands in the server's log beside the cause. */
  readonly requestId: string
}

export const PROBLEM_TYPE_PREFIX = 'urn:stellwerk:problem:'

export function problemKind(type: string): ProblemKind | null {
  const kind = type.startsWith(PROBLEM_TYPE_PREFIX) ? type.slice(PROBLEM_TYPE_PREFIX.length) : ''
  return kind in PROBLEMS ? (kind as ProblemKind) : null
}

export type ErrorText = {
  readonly what: Told
  readonly why: Told
  /** The command or act that mends it; null where the places of `problems` say all there is to say. */
  readonly fix: Told | null
  /** What users get now; absent where the command asks the control plane for it, or where nothing can have changed. */
  readonly serving?: Told
  readonly problems?: readonly ProblemDetail[]
}

/** An operating error with its text for people: what, why, what serves now, how to mend it (law L10). */
export class StellwerkError extends Error {
  readonly exit: ExitName
  readonly text: ErrorText
  constructor(exit: ExitName, text: ErrorText, cause?: unknown) {
    super(`${english(text.what)}: ${english(text.why)}`, { cause })
    this.name = 'StellwerkError'
    this.exit = exit
    this.text = text
  }
}

/** Why a file that a person named could not be read, as a sentence; what the system said where there is no better one. */
export function whyUnread(error: unknown, file: string): Told {
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) }
  switch (code) {
    case 'ENOENT':
      return say`there is no file ${file}`
    case 'EISDIR':
      return say`${file} is a folder`
    case 'EACCES':
      return say`this user may not read ${file}`
    default:
      return quote(message)
  }
}
