/** What has to be true after a rollout, whatever died on the way: every deviation as a sentence, none is the pass. */
import { isDeepStrictEqual } from 'node:util'
import type { RolloutState } from '../../src/core/rollout/state.ts'
import type { AuditReport } from '../../src/engine/control-plane.ts'
import { rollouts } from '../../src/core/rollout/aggregate.ts'
import { fold, stateOf } from '../../src/engine/streams.ts'
import type { StoredEvent } from '../../src/ports/store.ts'
import { until } from '../../src/testing/until.ts'
import type { Death } from './control-plane-process.ts'
import { instancesOf, standingIn } from './instances.ts'
import { type Beside, componentsOf } from './service.ts'
import { viewOf, type World } from './world.ts'

export type Expected = {
  readonly status: RolloutState['status']
  /** The version that all users, and all instances, are on. */
  readonly version: string
  /** What it has beside `api`. */
  readonly beside: readonly Beside[]
}

export async function deviations(world: World, state: RolloutState, expected: Expected): Promise<readonly string[]> {
  const events = await world.store.read(state.id)
  return [
    ...(state.status === expected.status ? [] : [`ended ${state.status}: ${state.ending?.reason}`]),
    ...(await serving(world, state, expected)),
    ...(await log(world, state, events)),
    ...(await processes(world, expected)),
    ...users(world, expected),
    ...world.held.accidents,
  ]
}

async function serving(world: World, { id }: RolloutState, { version, beside }: Expected): Promise<readonly string[]> {
  const seen = (await viewOf(world, id)).serving.map(({ component, text }) => `${component} ${text}`)
  const routed = componentsOf(beside).filter((each) => each.routed)
  const desired = routed.map(({ name }) => `${name} ${version} 100 %`)
  return isDeepStrictEqual(seen, desired) ? [] : [`the view says that ${seen} serves, not ${desired}`]
}

/** No hole, no double, nothing that the state beside the log does not follow from, and the proofs hold. */
async function log(world: World, { id }: RolloutState, events: readonly StoredEvent[]): Promise<readonly string[]> {
  const versions = events.map(({ version }) => version)
  const row = await world.store.row(id)
  const again = row && (await world.store.read(id)).slice(0, row.version)
  const audit = (await world.get('audit/verify')) as AuditReport
  return [
    ...(versions.every((version, index) => version === index + 1) ? [] : [`the stream has a hole: ${versions}`]),
    ...(row && again && isDeepStrictEqual(fold(rollouts, again), stateOf(rollouts, row))
      ? []
      : ['the log folds to another state']),
    ...(audit.ok ? [] : [`the audit log does not verify: ${JSON.stringify(audit.problems)}`]),
  ]
}

/** The instances that really run, one supervisor for the slot of each component, one router. */
async function processes({ id, folder, doubled }: World, { version, beside }: Expected): Promise<readonly string[]> {
  const counts = () => {
    const { supervisors, routers } = standingIn(folder)
    const running = instancesOf(id).map((one) => `${one.component} ${one.version}`)
    return { supervisors: supervisors.length, routers: routers.length, running: running.toSorted() }
  }
  const all = componentsOf(beside)
  const running = all.flatMap(({ name, instances }) => Array.from({ length: instances }, () => `${name} ${version}`))
  const desired = { supervisors: all.length, routers: 1, running: running.toSorted() }
  const look = () => isDeepStrictEqual(counts(), desired)
  const asDesired = await until('as many processes as desired', look, { timeoutMs: 5000 }).catch(() => false)
  return [
    ...(asDesired ? [] : [`there run ${JSON.stringify(counts())} instead of ${JSON.stringify(desired)}`]),
    ...doubled.map((some) => `instances were doubled: ${some}`),
  ]
}

function users({ load, badBefore }: World, { status }: Expected): readonly string[] {
  if (!load) return []
  const { sent, lost, lostBy } = load.counters
  const bad = load.counters.bad - badBefore
  return [
    ...(lost === 0 ? [] : [`${lost} of ${sent} requests were lost: ${JSON.stringify(lostBy)}`]),
    ...(status === 'finalized' && bad > 0 ? [`${bad} of ${sent} requests were answered 500`] : []),
  ]
}

/** What was committed is there, what was not is not: asked while the next control plane starts. */
export async function truthOf({ store }: World, { place, boundary }: Death): Promise<readonly string[]> {
  if (!place) return []
  const event = await store.event(place.stream, place.version)
  const what = `${place.stream}/${place.version}`
  if (boundary.side === 'after') return event ? [] : [`${what} was committed and is lost`]
  return []
}

/** All positions of the log, every message delivered: asked once, after the last rollout of a world. */
export async function deviationsAtTheEnd(world: World): Promise<readonly string[]> {
  const events = await world.store.readAll(0, 1_000_000)
  const holes = events.filter(({ position }, index) => position !== index + 1)
  const wanted = events.filter(isNotify).map(({ stream, version }) => `${stream}/${version}/0/0`)
  const missing = () => wanted.filter((key) => !world.receiver.received.has(key))
  await until('every message is delivered', () => missing().length === 0, { timeoutMs: 60_000 }).catch(() => undefined)
  return [
    ...(holes.length === 0 ? [] : [`the log has a hole before position ${holes[0]?.position}`]),
    ...missing().map((key) => `the message ${key} was never delivered`),
  ]
}

function isNotify({ type, data }: StoredEvent): boolean {
  return type === 'CommandIssued' && (data as { command: { type: string } }).command.type === 'Notify'
}
