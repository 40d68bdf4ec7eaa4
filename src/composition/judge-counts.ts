/** Counts of two sides out of a Prometheus, for the judge by itself: no plan, no control plane, only an address. */
import { restrictedHttp } from '../adapters/http.ts'
import { type RangeQuery, type Ranges, readRanges } from '../adapters/metrics/prometheus/range.ts'
import { quote, say } from '../core/say.ts'
import { StellwerkError } from '../errors.ts'
import { failure, ok } from '../ports/result.ts'
import type { Secrets } from '../ports/secrets.ts'

export type PrometheusCounts = Omit<RangeQuery, 'auth' | 'timeoutMs' | 'maxBytes'>

const TIMEOUT_MS = 30_000
const MAX_BYTES = 100_000_000
/** Secrets come by these variables, never by an option that others see in the list of processes (law L11). */
const TOKEN = 'STELLWERK_PROMETHEUS_TOKEN'
const LOGIN = 'STELLWERK_PROMETHEUS_LOGIN'

type Environment = Readonly<Record<string, string | undefined>>

/** What cannot be asked now is no evidence; what can never be answered is a mistake of who asked. */
export async function prometheusCounts(counts: PrometheusCounts, environment: Environment): Promise<Ranges> {
  const query = { ...counts, auth: authOf(environment), timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES }
  const { host } = new URL(counts.url)
  const http = restrictedHttp({ mayReach: (asked) => asked === host, fetch })
  const read = await readRanges(query, { http, secrets: secretsIn(environment) }, new AbortController().signal)
  if (read.ok) return read.value
  const isMistake = read.kind === 'permanent'
  const isRefused = / answered 40[13]\b/.test(read.message)
  const mend = isRefused ? say`set ${TOKEN}, or ${LOGIN}` : say`docs/guides/judge.md explains the options`
  throw new StellwerkError(isMistake ? 'usage' : 'noEvidence', {
    what: say`cannot read the counts of both sides`,
    // What a plan calls it, nobody wrote here.
    why: quote(read.message.replace(/ \(look at `metrics\.\w+`\)/, '')),
    fix: isMistake ? mend : say`judge again when it answers`,
  })
}

function authOf(environment: Environment): RangeQuery['auth'] {
  const named = (name: string) => ({ kind: 'env', name })
  if (environment[TOKEN]) return { bearer: named(TOKEN) }
  const user = environment[LOGIN]?.split(':')[0]
  return user ? { basic: { user, password: named(LOGIN) } } : null
}

function secretsIn(environment: Environment): Secrets {
  return {
    read: async (reference) => {
      const value = environment[String(reference['name'])]
      if (!value) return failure('permanent', `${String(reference['name'])} is not set`)
      return ok(reference['name'] === LOGIN ? value.slice(value.indexOf(':') + 1) : value)
    },
  }
}
