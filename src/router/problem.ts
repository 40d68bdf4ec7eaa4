/** RFC 9457 problem details: what went wrong, said once, for people and for programs. */
export type Problem = {
  /** Stable name for programs: `urn:stellwerk:router:stale-generation`. */
  readonly type: string
  readonly title: string
  readonly status: number
  /** What, why, what is in force now, what to do. */
  readonly detail: string
  readonly [extension: string]: unknown
}

const TITLES = {
  'bad-request': 'The request is not valid',
  'bad-host': 'The request names another host',
  unauthorized: 'A bearer token is needed',
  'unknown-route': 'There is no such route',
  'not-found': 'There is no such resource',
  'stale-generation': 'A newer desired route is already in force',
  'conflicting-route': 'A different desired route with the same generation is in force',
  'port-taken': 'The address is taken',
  'impossible-route': 'The desired route contradicts itself',
  'worker-silent': 'The worker does not answer',
  'not-saved': 'The state could not be saved',
  unreachable: 'The router cannot be reached',
} as const

export type ProblemKind = keyof typeof TITLES

export function problem(
  kind: ProblemKind,
  status: number,
  detail: string,
  extensions: Readonly<Record<string, unknown>> = {},
): Problem {
  return { ...extensions, type: `urn:stellwerk:router:${kind}`, title: TITLES[kind], status, detail }
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem }

export function refused(
  kind: ProblemKind,
  status: number,
  detail: string,
  extensions?: Readonly<Record<string, unknown>>,
): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: problem(kind, status, detail, extensions) }
}
