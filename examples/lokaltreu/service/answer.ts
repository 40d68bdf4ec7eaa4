/** One request as the handlers see it: read to its end, matched to a route, free of sockets. */
export type Request = {
  /** The route's pattern, e.g. `GET /v1/cards/:id`. */
  readonly route: string
  readonly params: Readonly<Record<string, string>>
  readonly authorization: string | undefined
  readonly accept: string
  /** `Dry-Run: true`: check everything, write nothing. */
  readonly dryRun: boolean
  readonly body: string
}

export type Answer = {
  readonly status: number
  readonly contentType: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

export function json(status: number, value: unknown): Answer {
  return { status, contentType: 'application/json', body: `${JSON.stringify(value)}\n` }
}

export function text(status: number, contentType: string, body: string): Answer {
  return { status, contentType, body }
}

/** `{ "ok": false, "error": "plan-limit", "detail": "…" }`: a code for programs, a sentence for people. */
export function refusal(status: number, error: string, detail: string): Answer {
  return json(status, { ok: false, error, detail })
}
