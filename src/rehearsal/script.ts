/** Sets a scenario's moments: releases are asked for, people act, builds and adapters change, the control plane dies. */
import type { Actor } from '../core/rollout/inputs.ts'
import { after } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import { ConnectionReset } from './connection.ts'
import type { Desk } from './desk.ts'
import type { House } from './house.ts'
import type { Moments } from './moments.ts'
import type { Change } from './scenario/build.ts'
import type { Act, Scenario } from './scenario/schema.ts'
import { LIVE_VERSION, type World } from './world/world.ts'

export type Stage = {
  readonly scenario: Scenario
  readonly clock: Clock
  readonly house: House
  readonly world: World
  readonly moments: Moments
  readonly desk: Desk
}

const DEAD_POLL_MS = 5000

export function setScene(stage: Stage): void {
  const { scenario } = stage
  const first = scenario.releases[0]!.version
  for (const release of scenario.releases) {
    const by = { id: `person:${release.by}`, roles: ['release-captain'] }
    const act = () => whenAlive(stage, () => stage.desk.request(release.version, by))
    stage.moments.plan({ when: release.at, release: first, isAwaited: true, act })
    approving(stage, release.version)
    for (const change of release.changes) changing(stage, release.version, { release: release.version, change })
  }
  if (scenario.live !== 'nothing') {
    for (const change of scenario.live.changes) changing(stage, LIVE_VERSION, { release: first, change })
  }
  misbehaving(stage, first)
  for (const person of scenario.people) {
    const release = person.release ?? first
    const act = () => whenAlive(stage, () => stage.desk.intend(release, person.does, actorOf(person)))
    stage.moments.plan({ when: person.at, release, isAwaited: true, act })
  }
}

/** Everybody who is asked approves, in the role that is asked for. */
function approving(stage: Stage, release: string): void {
  const { approvals } = stage.scenario
  if (approvals === 'nobody') return
  const act = () => whenAlive(stage, () => stage.desk.approveAll(release))
  stage.moments.plan({ when: { phase: 'approvals', after: approvals.after }, release, isAwaited: true, act })
}

/** Whoever finds the control plane dead, or sees it die before it answers, tries again: orders say the desired state. */
async function whenAlive(stage: Stage, act: () => Promise<void>): Promise<void> {
  const { house, clock } = stage
  while (house.controlPlane() === null) await clock.sleepUntil(after(clock.now(), DEAD_POLL_MS))
  await act().catch((error: unknown) => {
    if (!(error instanceof ConnectionReset)) throw error
    return whenAlive(stage, act)
  })
}

function changing(stage: Stage, version: string, { release, change }: { release: string; change: Change }): void {
  const { moments, world } = stage
  const act = () => {
    world.begin(version, change)
    lasting(stage, change.for, () => world.end(version, change))
  }
  moments.plan({ when: change.from, release, isAwaited: false, act })
}

function misbehaving(stage: Stage, release: string): void {
  const { scenario, moments, world, house } = stage
  for (const fault of scenario.faults) {
    const act = () => {
      world.faults.begin(fault)
      lasting(stage, fault.for, () => world.faults.end(fault))
    }
    moments.plan({ when: fault.from, release, isAwaited: false, act })
  }
  for (const { from, for: length } of scenario.controlPlane) {
    const act = () => {
      house.kill()
      lasting(stage, length, () => house.start())
    }
    moments.plan({ when: from, release, isAwaited: false, act })
  }
}

function lasting({ clock }: Stage, length: number | undefined, end: () => unknown): void {
  if (length !== undefined) void clock.sleepUntil(after(clock.now(), length)).then(end)
}

function actorOf({ who, roles }: Act): Actor {
  return { id: `person:${who}`, roles }
}
