/** A real Prometheus that scrapes every second, and instances whose counters it scrapes. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { options, planned } from '../../src/adapters/metrics/prometheus/options.ts'
import { sourceOf as makeSource } from '../../src/adapters/metrics/prometheus/prometheus.ts'
import type { MetricsSnapshot, Slot } from '../../src/core/observed.ts'
import type { MetricsSource } from '../../src/ports/metrics-source.ts'
import { prometheusContext } from './prometheus-context.ts'
import { until } from '../../src/testing/until.ts'
import { freeAddress } from './router-world.ts'

/** Why there is no Prometheus to test against, or false. */
export function missing(): string | false {
  try {
    execFileSync('prometheus', ['--version'], { stdio: 'ignore' })
    return false
  } catch {
    return 'the program prometheus is missing: apt-get install prometheus'
  }
}

export type Targets = {
  readonly instances: readonly string[]
  /** More of them, each with labels that Prometheus puts on everything it scrapes there. */
  readonly labelled?: readonly { readonly address: string; readonly labels: Readonly<Record<string, string>> }[]
  /** More options of the program, `--enable-feature=native-histograms`. */
  readonly options?: readonly string[]
  /** `web.yml`: who is let in. */
  readonly web?: { readonly file: string; readonly authorization: string }
  readonly router?: { readonly url: string; readonly token: string }
}

export type Prometheus = {
  readonly url: string
  setInstances(addresses: readonly string[]): void
  start(): Promise<void>
  /** As a crash would. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Targets that are there from the beginning are scraped at once; a change of them takes Prometheus up to 5 s. */
export async function startPrometheus(targets: Targets): Promise<Prometheus> {
  const dir = mkdtempSync(join(tmpdir(), 'stellwerk-prometheus-'))
  const address = await freeAddress()
  mkdirSync(join(dir, 'targets'))
  writeFileSync(join(dir, 'prometheus.yml'), CONFIG)
  writeFileSync(join(dir, 'token'), targets.router?.token ?? 'none')
  writeFileSync(join(dir, 'web.yml'), targets.web?.file ?? '')
  const headers = targets.web ? { authorization: targets.web.authorization } : undefined
  let child: ChildProcess | null = null
  const kill = async (signal: NodeJS.Signals) => {
    const dying = child
    child = null
    if (dying === null || dying.exitCode !== null || dying.signalCode !== null) return
    dying.kill(signal)
    await once(dying, 'exit')
  }
  const world: Prometheus = {
    url: `http://${address}`,
    setInstances: (addresses) => writeTargets(dir, 'app', addresses),
    start: async () => {
      const web = targets.web ? ['--web.config.file=web.yml'] : []
      const started = launch(dir, address, [...web, ...(targets.options ?? [])])
      child = started
      await until('Prometheus is ready', async () => {
        if (started.exitCode !== null) throw new Error(`prometheus exited with ${started.exitCode}`)
        return (await fetch(`http://${address}/-/ready`, headers && { headers })).ok
      })
    },
    kill: () => kill('SIGKILL'),
    stop: async () => {
      await kill('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    },
  }
  const labelled = targets.labelled ?? []
  writeTargetFile(
    dir,
    'labelled',
    labelled.map(({ address, labels }) => ({ targets: [address], labels })),
  )
  writeTargets(dir, 'app', targets.instances)
  writeTargets(dir, 'router', targets.router ? [new URL(targets.router.url).host] : [])
  await world.start()
  return world
}

function writeTargets(dir: string, job: string, addresses: readonly string[]): void {
  writeTargetFile(dir, job, [{ targets: addresses }])
}

function writeTargetFile(dir: string, job: string, groups: readonly object[]): void {
  const file = join(dir, 'targets', `${job}.json`)
  writeFileSync(`${file}.new`, JSON.stringify(groups))
  renameSync(`${file}.new`, file)
}

const CONFIG = `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: app
    file_sd_configs: [{ files: [targets/app.json], refresh_interval: 1s }]
  - job_name: labelled
    file_sd_configs: [{ files: [targets/labelled.json], refresh_interval: 1s }]
  - job_name: router
    authorization: { credentials_file: token }
    file_sd_configs: [{ files: [targets/router.json], refresh_interval: 1s }]
`

function launch(dir: string, address: string, more: readonly string[]): ChildProcess {
  const options = ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=${address}`]
  return spawn('prometheus', [...options, ...more, '--log.level=error'], { cwd: dir, stdio: 'ignore' })
}

const EDGES_S = [0.05, 0.1, 0.3, 0.4, 0.5, 1, 2, 5]

export type Served = {
  readonly requests: number
  readonly errors?: number
  readonly latencyMs?: number
  /** Value of a label `route`; absent: the series have none. */
  readonly route?: string
}

/** One instance, as a client library would count: per slot and status, and a classic histogram. */
export class Exporter {
  /** `host:port`, also after it was closed. */
  readonly address: string
  readonly #server: http.Server
  #counts = new Map<string, number>()
  /** Answered instead of the page: another page, or a status. */
  instead: string | number | null = null
  scrapes = 0

  private constructor(server: http.Server) {
    this.#server = server
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (_, res: http.ServerResponse) => {
      this.scrapes += 1
      res.setHeader('content-type', 'text/plain; version=0.0.4')
      if (typeof this.instead === 'number') res.statusCode = this.instead
      res.end(typeof this.instead === 'string' ? this.instead : this.#page())
    })
  }

  static async start(): Promise<Exporter> {
    const server = http.createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Exporter(server)
  }

  serve(slot: Slot, served: Served): void {
    const { requests, errors = 0 } = served
    const of = labelsOf(slot, served)
    this.#add(`http_requests_total{${of},status="200"}`, requests - errors)
    if (errors > 0) this.#add(`http_requests_total{${of},status="500"}`, errors)
    this.observe('http_request_duration_seconds', slot, served)
  }

  /** So many observations of that length in the histogram `name`. */
  observe(name: string, slot: Slot, served: Served): void {
    const { requests, latencyMs = 40 } = served
    const of = labelsOf(slot, served)
    for (const edge of EDGES_S) {
      this.#add(`${name}_bucket{${of},le="${edge}"}`, latencyMs <= edge * 1000 ? requests : 0)
    }
    this.#add(`${name}_bucket{${of},le="+Inf"}`, requests)
    this.#add(`${name}_count{${of}}`, requests)
  }

  /** Adds to any counter: `add('token_reuse_total{slot="green"}', 3)`. */
  add(series: string, more: number): void {
    this.#add(series, more)
  }

  /** Sets any gauge; null takes it off the page. */
  set(series: string, value: number | null): void {
    if (value === null) this.#counts.delete(series)
    else this.#counts.set(series, value)
  }

  /** The process begins anew: every counter is gone until it is counted up again. */
  restart(): void {
    this.#counts = new Map()
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #add(series: string, more: number): void {
    this.#counts.set(series, (this.#counts.get(series) ?? 0) + more)
  }

  #page(): string {
    return `${[...this.#counts].map(([series, value]) => `${series} ${value}\n`).join('')}`
  }
}

function labelsOf(slot: Slot, { route }: Served): string {
  return route === undefined ? `slot="${slot}"` : `slot="${slot}",route="${route}"`
}

export const APP = {
  kind: 'prometheus',
  requests: 'http_requests_total',
  errors: 'http_requests_total{status=~"5.."}',
  latency: 'http_request_duration_seconds_bucket',
  scrapeInterval: '1s',
} as const

export const TARGET = { service: 'shop', environment: 'prod', component: 'api' }
/** So long that no test runs into the turn of an epoch. */
const EPOCH_MS = 1000 * 86_400_000

type More = Readonly<Record<string, unknown>>

export function sourceOf({ url }: Pick<Prometheus, 'url'>, more: More = {}, epochMs = EPOCH_MS): MetricsSource {
  return makeSource(
    planned.parse(options.parse({ ...APP, url, ...more })),
    prometheusContext({ target: TARGET }),
    epochMs,
  )
}

export async function look(source: MetricsSource): Promise<MetricsSnapshot> {
  const result = await source.collect(AbortSignal.timeout(5000))
  if (!result.ok) throw new Error(result.message)
  return result.value
}

/** The first snapshot of which `holds` is true. */
export function lookUntil(
  source: MetricsSource,
  what: string,
  holds: (snapshot: MetricsSnapshot) => boolean,
): Promise<MetricsSnapshot> {
  return until(
    what,
    async () => {
      const snapshot = await look(source)
      if (holds(snapshot)) return snapshot
      throw new Error(JSON.stringify(snapshot.slots))
    },
    { timeoutMs: 15_000, everyMs: 100 },
  )
}

/** The first failure, however many snapshots come before it. */
export function failureOf(source: MetricsSource, like: RegExp): Promise<string> {
  return until(
    `a failure like ${like}`,
    async () => {
      const result = await source.collect(AbortSignal.timeout(5000))
      if (result.ok) throw new Error(JSON.stringify(result.value.slots))
      if (!like.test(result.message)) throw new Error(result.message)
      return result.message
    },
    { timeoutMs: 15_000, everyMs: 100 },
  )
}
