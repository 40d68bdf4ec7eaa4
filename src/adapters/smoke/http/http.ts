/** Smoke tests as plain HTTP requests, each against every base URL: what a user of the candidate would get (R-D05). */
import type { Agent } from 'undici'
import { z } from 'zod'
import { foreignLine, foreignText } from '../../../core/foreign-text.ts'
import type { PlannedSmoke } from '../../../core/plan.ts'
import type { SmokeReport } from '../../../core/rollout/inputs.ts'
import type { AdapterContext } from '../../../ports/adapter.ts'
import { NOTHING_OUTSIDE } from '../../../ports/description.ts'
import { failure, ok, type Result } from '../../../ports/result.ts'
import type { SmokeRun } from '../../../ports/smoke.ts'
import { redactor } from '../../command/redact.ts'
import { smokeRunner } from '../../kit.ts'
import { describeExpectation, matches, parsePath, valueAt } from './json-path.ts'
import { timeLimit } from '../../../timers.ts'

const options = z
  .strictObject({ kind: z.literal('http') })
  .describe('Sends each check as one HTTP request to every instance and compares status and JSON body')

/** `redact` takes out of a body what else is known to be secret, before it is cut. */
type Deps = Pick<AdapterContext, 'secrets' | 'redact'>

type Checked = SmokeReport['checks'][number]
type Answer = { readonly status: number; readonly text: string }
/** A check whose secrets are known: `headers` go out, `secrets` must not. */
type Ready = {
  readonly check: PlannedSmoke
  readonly headers: Record<string, string>
  readonly secrets: readonly string[]
}

const BODY_MAX = 1_000_000
const EXCERPT_MAX = 200
/** How long a request may wait, its check says; undici would end it after 300 s, whatever that is. */
const WITHOUT_LIMITS = { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 0 } }

export const httpSmoke = smokeRunner({
  kind: 'http',
  options,
  planned: options,
  describe: () => NOTHING_OUTSIDE,
  create: (_, context) => ({ run: (run) => runSuite(run, context) }),
})

/** Nothing to test, or nothing to test it with, is a failure: what was not tested has not passed (law L3). */
async function runSuite(run: SmokeRun, deps: Deps): Promise<Result<SmokeReport>> {
  const problem = problemOf(run)
  if (problem) return failure('permanent', problem)
  if (run.baseUrls.length === 0) return failure('transient', 'no instance to test: the list of base URLs is empty')
  const suite: Ready[] = []
  for (const check of run.checks) {
    const ready = await prepare(check, run, deps.secrets)
    if (!ready.ok) return ready
    suite.push(ready.value)
  }
  // Imported when it is needed: an eighth of what the start of a control plane would cost.
  const { Agent } = await import('undici')
  const agent = new Agent({ keepAliveTimeout: 1, ...WITHOUT_LIMITS })
  try {
    const checks = await Promise.all(
      run.baseUrls.map((baseUrl) => runAgainst(baseUrl, suite, { redact: deps.redact, agent, signal: run.signal })),
    )
    if (run.signal.aborted) return failure('transient', "the smoke tests were cut short: the order's time was up")
    return ok({ passed: checks.flat().every(({ passed }) => passed), checks: checks.flat() })
  } finally {
    await agent.destroy()
  }
}

function problemOf({ baseUrls, checks }: SmokeRun): string | null {
  if (checks.length === 0) return 'no smoke checks: nothing tested is not passed; add at least one under "smoke"'
  const badUrl = baseUrls.find((url) => !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
  if (badUrl !== undefined) return `"${badUrl}" is no http(s) URL to test`
  for (const { name, expect, path } of checks) {
    if (!path.startsWith('/')) return `smoke check "${name}": the path "${path}" must begin with "/"`
    if (expect.status.length === 0) return `smoke check "${name}": no expected status; name at least one`
    const bad = Object.keys(expect.json)
      .map(parsePath)
      .find((parsed) => !parsed.ok)
    if (bad && !bad.ok) return `smoke check "${name}": ${bad.message}`
  }
  return null
}

async function prepare(check: PlannedSmoke, run: SmokeRun, secrets: AdapterContext['secrets']): Promise<Result<Ready>> {
  const headers: Record<string, string> = { Accept: 'application/json, */*' }
  const hidden: string[] = []
  for (const [name, value] of Object.entries(check.headers)) {
    const resolved = typeof value === 'string' ? ok(value) : await valueOf(value.secret, run, secrets)
    if (!resolved.ok) return failure(resolved.kind, `smoke check "${check.name}", header ${name}: ${resolved.message}`)
    headers[name] = resolved.value
    if (typeof value !== 'string') hidden.push(resolved.value, resolved.value.replace(/^(?:Bearer|Basic) /i, ''))
  }
  if (check.body !== null) headers['Content-Type'] ??= 'application/json'
  if (check.dryRun) headers['Dry-Run'] = 'true'
  return ok({ check, headers, secrets: hidden })
}

async function valueOf(
  name: string,
  { secrets: known, signal }: SmokeRun,
  secrets: AdapterContext['secrets'],
): Promise<Result<string>> {
  const reference = Object.hasOwn(known, name) ? known[name] : undefined
  return reference ? secrets.read(reference, signal) : failure('permanent', `there is no secret "${name}"`)
}

/** One after the other, in the order of the suite: a later check may rely on what an earlier one has created. */
async function runAgainst(baseUrl: string, suite: readonly Ready[], way: Way) {
  const checks: Checked[] = []
  for (const ready of suite) checks.push(await runCheck(baseUrl, ready, way))
  return checks
}

type Way = Pick<Deps, 'redact'> & { readonly agent: Agent; readonly signal: AbortSignal }

async function runCheck(baseUrl: string, ready: Ready, { agent, signal, redact: others }: Way): Promise<Checked> {
  const { check, secrets } = ready
  const url = `${baseUrl.replace(/\/$/, '')}${check.path}`
  const began = performance.now()
  const answer = await send(url, ready, agent, signal).catch((error: Error) => whyNot(error, check))
  const { passed, actual } = typeof answer === 'string' ? { passed: false, actual: answer } : judge(check, answer)
  const durationMs = Math.round(performance.now() - began)
  const own = redactor(secrets)
  const redact = (text: string) => own(others(text))
  return {
    name: check.name,
    url: redact(url),
    passed,
    expected: expectation(check),
    actual: excerpt(redact(foreignText(redact(actual), BODY_MAX))),
    durationMs,
  }
}

async function send(url: string, { check, headers }: Ready, agent: Agent, signal: AbortSignal): Promise<Answer> {
  const { origin, pathname, search } = new URL(url)
  const response = await agent.request({
    origin,
    path: pathname + search,
    method: check.method as 'GET',
    headers,
    body: check.body === null ? null : JSON.stringify(check.body),
    signal: AbortSignal.any([signal, timeLimit(check.timeoutMs)]),
  })
  return { status: response.statusCode, text: await readBounded(response.body) }
}

async function readBounded(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.length
    if (size > BODY_MAX) break
  }
  return Buffer.concat(chunks).toString('utf8')
}

function judge(
  { expect }: PlannedSmoke,
  { status, text }: Answer,
): { readonly passed: boolean; readonly actual: string } {
  const body = text === '' ? 'no body' : `body ${text}`
  const actual = `status ${status}, ${body}`
  if (!expect.status.includes(status)) return { passed: false, actual }
  const json = parse(text)
  const wrong = Object.entries(expect.json).find(([path, wanted]) => !matches(at(json, path), wanted))
  if (!wrong) return { passed: true, actual: `status ${status}` }
  const found = at(json, wrong[0])
  const shown = json === undefined ? 'the body is no JSON' : `${wrong[0]} is ${JSON.stringify(found) ?? 'missing'}`
  return { passed: false, actual: `status ${status}, ${shown}, ${body}` }
}

function at(json: unknown, path: string): unknown {
  const parts = parsePath(path)
  return parts.ok ? valueAt(json, parts.value) : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function expectation({ expect }: PlannedSmoke): string {
  const paths = Object.entries(expect.json).map(([path, wanted]) => describeExpectation(path, wanted))
  return [`status ${expect.status.join(' or ')}`, ...paths].join(', ')
}

function whyNot(error: Error, { timeoutMs }: PlannedSmoke): string {
  if (error.name === 'TimeoutError') return `no complete answer within ${timeoutMs} ms`
  const { code } = error as NodeJS.ErrnoException
  return `no answer: ${error.message || code || error.name}`
}

/** Cut last: half a secret at its end would no longer be known as one. */
function excerpt(text: string): string {
  return foreignLine(foreignText(text, BODY_MAX).replace(/\s+/g, ' '), EXCERPT_MAX)
}
