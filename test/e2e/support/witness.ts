/**
 * Watches a house from outside while it releases: what the data plane has in force (asked of the router itself), who
 * answers users (counted by the load), and what `stellwerk status --json` and the HTTP API say at the same time. The
 * comparisons are in `lies.ts`.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type Load, type LoadCounters, startLoad } from '../../../examples/lokaltreu/load.ts'
import type { EnvironmentView } from '../../../src/core/views.ts'
import type { House } from './house.ts'

/** Something that was true at some moment between `from` and `to`, ms since 1970. */
export type Seen<T> = { readonly from: number; readonly to: number; readonly value: T }

export type Weights = { readonly blue: number; readonly green: number }
/** Weights by environment, as the router has them in force. */
export type Routes = Readonly<Record<string, Weights>>
/** Answers so far, by version. */
export type Answers = Readonly<Record<string, number>>

export type Testimony = {
  readonly routes: readonly Seen<Routes>[]
  readonly statements: readonly (Seen<readonly EnvironmentView[]> & { readonly by: 'cli' | 'http' })[]
  readonly answers: Readonly<Record<string, readonly Seen<Answers>[]>>
  /** What failed to answer meanwhile; empty while the control plane is up. */
  readonly silences: readonly string[]
}

export type Witness = {
  /** Users of an environment, from the moment somebody serves them. */
  load(environment: string): LoadCounters | null
  stop(): Promise<{ readonly testimony: Testimony; readonly counters: Readonly<Record<string, LoadCounters>> }>
}

const ROUTES_EVERY_MS = 50
const HTTP_EVERY_MS = 300
/** Each is a process that starts: more often, and the machine would be busy with being asked. */
const CLI_EVERY_MS = 1500
const ANSWERS_EVERY_MS = 100

export function startWitness(house: House, environments: readonly string[], perSecond: number): Witness {
  const over = new AbortController()
  const routes: Seen<Routes>[] = []
  const statements: Testimony['statements'][number][] = []
  const answers = Object.fromEntries(environments.map((name) => [name, [] as Seen<Answers>[]]))
  const silences: string[] = []
  const loads = new Map<string, Load>()

  async function seen<T>(look: () => Promise<T>): Promise<Seen<T>> {
    const from = Date.now()
    const value = await look()
    return { from, to: Date.now(), value }
  }
  async function state(by: 'cli' | 'http', look: () => Promise<readonly EnvironmentView[]>): Promise<void> {
    const one = await seen(look)
    statements.push({ ...one, by })
    for (const { environment, serving } of one.value) {
      const url = serving[0]?.slots.some(({ weight }) => weight > 0) ? serving[0].url : null
      if (url && !loads.has(environment) && environments.includes(environment))
        loads.set(environment, startLoad({ url, perSecond, seed: loads.size + 1, timeoutMs: 20_000 }))
    }
  }
  const every = async (ms: number, what: string, look: () => Promise<void>) => {
    while (!over.signal.aborted) {
      await look().catch((error: unknown) => silences.push(`${what}: ${String(error)}`))
      await delay(ms, undefined, { signal: over.signal }).catch(() => undefined)
    }
  }
  const watching = [
    every(ROUTES_EVERY_MS, 'router', async () => void routes.push(await seen(() => routesOf(house)))),
    every(HTTP_EVERY_MS, 'GET /status', () => state('http', () => house.get('/status'))),
    every(CLI_EVERY_MS, 'stellwerk status', () => state('cli', () => saidByCli(house))),
    every(ANSWERS_EVERY_MS, 'load', async () => {
      for (const [name, load] of loads) answers[name]?.push(await seen(async () => answersOf(load.counters)))
    }),
  ]
  return {
    load: (environment) => loads.get(environment)?.counters ?? null,
    async stop() {
      over.abort()
      await Promise.all(watching)
      const finals = await Promise.all([...loads].map(async ([name, load]) => [name, await load.stop()] as const))
      return { testimony: { routes, statements, answers, silences }, counters: Object.fromEntries(finals) }
    },
  }
}

function answersOf({ byVersion }: LoadCounters): Answers {
  return Object.fromEntries(Object.entries(byVersion).map(([version, { answers }]) => [version, answers]))
}

async function routesOf(house: House): Promise<Routes> {
  const router = await house.router()
  const listed = await router.list()
  if (!listed.ok) throw new Error(listed.problem.title)
  return Object.fromEntries(
    listed.value.routes.map(({ key, desired, slots }) => {
      const inForce = desired.maintenance === null
      const weights = { blue: inForce ? slots.blue.weight : 0, green: inForce ? slots.green.weight : 0 }
      return [key.split(':')[1] ?? key, weights]
    }),
  )
}

async function saidByCli(house: House): Promise<readonly EnvironmentView[]> {
  const { code, stdout, stderr } = await house.run(['status', '--json'])
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as EnvironmentView)
}
