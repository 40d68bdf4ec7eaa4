/** Sources of numbers that lie on the wire, and a rollout under way that has nothing else to go by. */
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judgeCandidate } from '../../src/core/rollout/judging.ts'
import { decide } from '../../src/core/rollout/decide.ts'
import type { RolloutEvent } from '../../src/core/rollout/events.ts'
import { currentStep, type RolloutState } from '../../src/core/rollout/state.ts'
import type { Rule } from '../../src/core/analysis/rules.ts'
import type { Instant } from '../../src/core/time.ts'
import type { Verdict } from '../../src/core/verdict.ts'
import { observeWorld } from '../../src/engine/observe.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import type { MetricsSource } from '../../src/ports/metrics-source.ts'
import { ok } from '../../src/ports/result.ts'
import { processStart } from '../../src/router/guard/lock.ts'
import { planFor, requestFor } from '../../src/testing/plans.ts'
import { simulate } from '../../src/testing/world.ts'

/** What the liar answers to one request: a body, or what it does to the connection. */
export type Lie = { readonly status?: number; readonly body: string; readonly cut?: boolean } | 'silence' | 'closed'

export type Liar = {
  readonly url: string
  /** Asked for every request; `form` is what was posted. */
  answer: (form: URLSearchParams, path: string) => Lie
  stop(): Promise<void>
}

export async function startLiar(): Promise<Liar> {
  const server = http.createServer((req, res) => {
    let posted = ''
    req.on('data', (chunk) => (posted += chunk))
    req.on('end', () => send(liar.answer(new URLSearchParams(posted), req.url ?? ''), res))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const liar: Liar = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: () => 'closed',
    stop: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
  return liar
}

function send(lie: Lie, res: http.ServerResponse): void {
  if (lie === 'silence') return
  if (lie === 'closed') return void res.destroy()
  const { status = 200, body, cut = false } = lie
  res.writeHead(status, { 'content-length': Buffer.byteLength(body) + (cut ? 100 : 0) })
  res.write(body)
  if (cut) setImmediate(() => res.destroy())
  else res.end()
}

/** A folder in which a router seems to live at `url`. */
export function routerFolder(url: string): { readonly dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'stellwerk-lying-router-'))
  mkdirSync(dir, { recursive: true })
  const info = { pid: process.pid, processStart: processStart(process.pid), url, token: 'token' }
  writeFileSync(join(dir, 'router.json'), JSON.stringify(info))
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

/** A tenth of the users is on the candidate for 10 s, looked at every second. */
export function holding(rules: readonly Rule[]): RolloutState {
  const world = simulate({ builds: {} })
  world.serving('blue', 'shop-prod-1', 'v1')
  world.give(requestFor(planFor({ analysis: { rules, minRequests: 20 }, strategy: 'blue-green' })))
  return world.run((state) => {
    const step = currentStep(state)
    return step?.kind === 'hold' && step.weight === 10
  })
}

export type Watched = { readonly events: readonly RolloutEvent['type'][]; readonly verdicts: readonly Verdict[] }

type Watch = {
  readonly state: RolloutState
  readonly source: MetricsSource
  readonly looks: number
  /** Told of every look before it happens. */
  readonly before: (now: Instant, look: number) => void
}

/** So many looks with the real shell at the source and the real core behind it; ends early when something is decided. */
export async function watched({ state: begun, source, looks, before }: Watch): Promise<Watched> {
  let state = begun
  let now = state.lastAt
  const events: RolloutEvent['type'][] = []
  for (let look = 1; look <= looks && !events.some(isDecision); look += 1) {
    const looking = state.pending.find(({ command }) => command.type === 'Observe')
    if (!looking) throw new Error('nobody is to look')
    now = Math.max(now, looking.due) as Instant
    before(now, look)
    const at = now
    const world = await observeWorld(seenAs(state, source), state, [], {
      metrics: true,
      signal: AbortSignal.timeout(700),
      clock: { now: () => at, sleepUntil: () => new Promise(() => undefined) },
      limitMs: 700,
    })
    const { key } = looking
    const input = { type: 'command-finished', key, result: { ok: true, answer: { type: 'world', world } } } as const
    const decision = decide(state, input, now)
    state = decision.state
    events.push(...decision.events.map(({ type }) => type))
  }
  return { events, verdicts: judgeCandidate(state, now, 10_000).verdicts }
}

function isDecision(type: RolloutEvent['type']): boolean {
  return ['StepFinished', 'RollbackTriggered', 'Paused'].includes(type)
}

/** Slots and routes are as the state knows them; only the numbers are asked for. */
function seenAs(state: RolloutState, source: MetricsSource): Adapters {
  const platform = { observe: async (slot: 'blue' | 'green') => ok(state.slots['api']![slot]!.value) }
  const router = { observe: async () => ok(state.routes['api']!.value) }
  return { platform: () => platform, router: () => router, metrics: () => source } as unknown as Adapters
}
