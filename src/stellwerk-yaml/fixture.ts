/** For tests: one valid spec that uses every section, its artifact, and short ways to read and compile. */
import { registry } from '../adapters/registry.ts'
import type { Artifact } from '../core/artifact.ts'
import type { Plan } from '../core/plan.ts'
import { problemText } from './problem.ts'
import { specReader } from './read.ts'
import type { Spec } from './spec.ts'
import { compile, type PlanInputs } from './to-plan.ts'

export const readSpec = specReader(registry)

export const FULL_SPEC = `service: lokaltreu
x-owner: team-a
people:
  release-captain: [alex, "group:backend"]
  product-owner: [sam]
  maintainer: ["group:platform"]
groups: { backend: [lee, kim], platform: [Kim, person:jo] }
accounts: { kim: [kim@example.com, kim-at-forge] }
policy: { weaken: { gates: [release-captain] } }
components:
  api: { health: { live: /health, ready: /readiness }, x-note: 1 }
  worker: { after: [api] }
rollout:
  steps: [10%, 50%, 100%]
  hold: 5m
  limits: { start: 2m }
analysis:
  - { metric: error-rate, max: 1%, trigger: { above: 2%, for: 5m } }
  - { metric: latency-p95, max: 300ms, trigger: { above: 500ms, for: 5m } }
  - { metric: error-rate, relativeTo: live, margin: 50%, for: 5m }
  - { metric: readiness-flapping, max: 0.1% }
  - { metric: memory, trigger: { above: 512MB, for: 1m } }
  - { metric: info-logs, silence: 10m }
smoke:
  - { http: GET /health }
  - name: claim a stamp
    http: POST /v1/stamps/claim
    headers: { authorization: { secret: TOKEN }, x-device: test }
    body: { device: d1, stamps: [1, 2] }
    expect: { status: [200, 201], json: { ok: true } }
    dryRun: true
migrations: { kind: command, component: api, expand: node migrate.js up, down: node migrate.js down }
rollback: { mitigate: [{ run: node off.js, component: api }], watch: 30m, targets: { rto: 5m } }
variables: { LOG_LEVEL: info }
environments:
  dev: &dev
    components:
      api: &api
        platform: { kind: process, command: node server.js }
        router: { kind: embedded, listen: "127.0.0.1:8080", sticky: { cookie: session } }
        secrets: { TOKEN: { kind: env, name: DEV_TOKEN } }
        traffic: { requestsPerSecond: 20, errorRate: 0.5% }
      worker: &worker { platform: { kind: process, command: node worker.js } }
  prod:
    <<: *dev
    components:
      api: { <<: *api, router: { kind: embedded, listen: "127.0.0.1:8081", sticky: { cookie: session } } }
      worker: *worker
    variables: { LOG_LEVEL: warn, REGION: eu }
    rollout: { strategy: canary, hold: 10m, concurrency: supersede }
    approvals: [{ role: maintainer }, { role: product-owner, at: go-no-go }]
    gates: [artifact-pinned, { kind: variables, required: [TOKEN] }, { kind: command, run: node check.js }]
    secrets: { CHAT_URL: { kind: env, name: CHAT_URL } }
    notify: [{ on: "P1,P2", to: { kind: webhook, url: { secret: CHAT_URL } } }]
`

export const DIGEST = `sha256:${'a'.repeat(64)}`
export const INPUTS: PlanInputs = { flags: {}, folder: '/srv/lokaltreu' }

export function artifactOf(...components: readonly string[]): Artifact {
  return {
    version: 'v1.4.0',
    commit: 'b'.repeat(40),
    buildUrl: 'https://ci.example.com/builds/7',
    authors: ['person:kim'],
    components: Object.fromEntries(components.map((name) => [name, { ref: `/builds/${name}`, digest: DIGEST }])),
  }
}

/** The smallest spec that reads, with `extra` lines put below the top level. */
export function smallSpec(extra = '', environment = 'dev: {}'): string {
  return `service: demo
components: { api: { platform: { kind: process, command: node server.js }, router: { kind: embedded } } }
analysis: [{ metric: error-rate, max: 1% }]
smoke: [{ http: GET /health }]
${extra}
environments:
  ${environment}
`
}

export function specOf(text: string): Spec {
  const read = readSpec({ text, file: 'stellwerk.yaml' })
  if (!read.ok) throw new Error(read.problems.map(problemText).join('\n'))
  return read.spec
}

/** Every problem as one line. */
export function problemsOf(text: string | Uint8Array): readonly string[] {
  const read = readSpec({ text, file: 'stellwerk.yaml' })
  return read.ok ? [] : read.problems.map(problemText)
}

export function planOf(text: string, environment: string, inputs: Partial<PlanInputs> = {}): Plan {
  const spec = specOf(text)
  const names = Object.keys(spec.environments[environment]?.components ?? {})
  const compiled = compile(spec, artifactOf(...names), environment, { ...INPUTS, ...inputs })
  if (!compiled.ok) throw new Error(compiled.problems.map(problemText).join('\n'))
  return compiled.plan
}
