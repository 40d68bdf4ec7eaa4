export type InitOptions = {
  /** `lokaltreu`. */
  readonly service: string
  /** Starts one instance: `node server.js`. */
  readonly command: string
  /** Where users reach dev: `127.0.0.1:8080`; stage and prod get the ports after it. */
  readonly listen: string
  readonly healthPaths: { readonly live: string; readonly ready: string }
}

/** A commented stellwerk.yaml to start from: one component, three environments. It reads and compiles as it is. */
export function initSpec({ service, command, listen, healthPaths }: InitOptions): string {
  const values = {
    service,
    command,
    listen,
    live: healthPaths.live,
    ready: healthPaths.ready,
    smoke: `GET ${healthPaths.ready}`,
    listenStage: nextPort(listen, 1),
    listenProd: nextPort(listen, 2),
  }
  return TEMPLATE.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof values) => JSON.stringify(values[name]))
}

/** The port `by` places on, back among the free ones where it would leave the range; port 0 stays 0. */
function nextPort(listen: string, by: number): string {
  const at = listen.lastIndexOf(':') + 1
  const port = Number(listen.slice(at))
  if (port === 0) return listen
  return listen.slice(0, at) + (port + by > 65_535 ? port - by : port + by)
}

const TEMPLATE = `# What Stellwerk releases, where, and what it is judged by. Every key: docs/reference/spec.md
service: {service}

people: # who holds which role: pseudonymous ids; nobody approves what he asked for or wrote
  maintainer: [alex, kim]

components:
  api:
    health: { live: {live}, ready: {ready} }
    platform: { kind: process, command: {command} } # started in the artifact's folder, listens on 127.0.0.1:$PORT
    router: { kind: embedded, listen: {listen} } # where users reach it
    # traffic: { requestsPerSecond: 20, errorRate: 0.5% } # what users usually do: plan then says what each step sees

rollout:
  steps: [10%, 50%, 100%] # share of the traffic for the candidate
  hold: 5m # how long each step must stay good
  bake: 30m # how long 100% must stay good; { for: 30m, control: 10% } keeps 10% on live so long, to be compared with
  rollbackWindow: 24h # how long the previous release stays warm
  minRequests: 200 # per step; without traffic nothing is judged, and nothing advances

analysis: # no advance above max; rolled back at the trigger
  - { metric: error-rate, max: 1%, trigger: { above: 2%, for: 1m } }
  - { metric: latency-p95, max: 300ms, trigger: { above: 500ms, for: 1m } }

smoke: # asked of the candidate before any traffic, and of live afterwards
  - { http: {smoke}, expect: { status: 200 } }

gates: [artifact-pinned, variables, stable-release]

environments: # each is merged over what stands above; lists are replaced
  dev: # nobody uses it, so it is judged by what needs no traffic
    rollout: { hold: 10s, bake: 20s, tick: 2s, rollbackWindow: 10m, minRequests: 0 }
    analysis:
      - { metric: readiness-flapping, max: 1%, trigger: { above: 5%, for: 10s } }
    rollback: { watch: 10s }

  stage:
    components: { api: { router: { listen: {listenStage} } } }
    variables: { LOG_LEVEL: info }

  prod:
    components:
      api:
        instances: 2
        router: { listen: {listenProd} }
        # secrets: { DATABASE_URL: { kind: file, path: secrets/database-url } } # or { kind: env, name: DATABASE_URL }
    variables: { LOG_LEVEL: info }
    approvals: [{ role: maintainer }]
    # secrets: { CHAT_URL: { kind: env, name: CHAT_URL } } # of the control plane: where it is read, never what it is
    # notify: [{ on: "*", to: { kind: webhook, url: { secret: CHAT_URL } } }]
`
