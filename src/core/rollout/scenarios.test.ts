/** Whole rollouts in a simulated world: what ends how, and that no user was lost on the way. */
import { rollbackPlanFrom } from './steps/index.ts'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planFor, requestFor } from '../../testing/plans.ts'
import { type Build, simulate, type WorldOptions } from '../../testing/world.ts'
import type { Command } from './commands.ts'
import { nextDue } from './time-shift.ts'
import { exitCodeOf } from './view.ts'

function release(v2: Build, options: Partial<WorldOptions> = {}, plan = planFor()) {
  const world = simulate({ builds: { v1: {}, v2 }, ...options })
  world.serving('blue', 'shop-prod-1', 'v1')
  world.standing('green', 'shop-prod-0', 'v0')
  world.give(requestFor(plan))
  return { world, end: world.run(undefined, 20_000) }
}

const orders = (world: ReturnType<typeof simulate>, type: Command['type']) =>
  world.performed.filter(({ command }) => command.type === type).map(({ command }) => command)

describe('a good release', () => {
  const { world, end } = release({})

  it('[R-D01] [R-D08] is put beside what serves and takes over in steps, without a lost request', () => {
    assert.equal(end.status, 'finalized')
    assert.equal(exitCodeOf(end), 0)
    assert.equal(world.lost(), 0)
    const weights = orders(world, 'SetRoute').map((command) =>
      command.type === 'SetRoute' ? command.route.weights.green : 0,
    )
    assert.deepEqual(weights, [10, 50, 100])
  })

  it('meets users only after health and smoke', () => {
    const types = world.performed.map(({ command }) => command.type)
    assert.ok(types.indexOf('RunSmoke') < types.indexOf('SetRoute'))
    assert.ok(types.indexOf('EnsureSlot') < types.indexOf('RunSmoke'))
  })

  it('is watched at 100 % for its bake, then smoke-tested on live, before it is final', () => {
    const smokes = orders(world, 'RunSmoke').map((command) => command.type === 'RunSmoke' && command.target)
    assert.deepEqual(smokes, ['candidate', 'live'])
    const at = (test: (event: (typeof world.log)[number]) => boolean) => world.log.find(test)?.at ?? 0
    const baked = at((event) => event.type === 'StepFinished' && event.data.kind === 'bake')
    const began = at((event) => event.type === 'StepStarted' && event.data.step.kind === 'bake')
    const tested = at((event) => event.type === 'SmokeFinished' && event.data.target === 'live')
    const bake = planFor().steps.find((step) => step.kind === 'bake')
    assert.ok(baked - began >= (bake?.holdMs ?? Infinity))
    assert.ok(tested >= baked && tested <= at((event) => event.type === 'Finalized'))
  })

  it('[R-D12] keeps the old version for the rollback window, then retires it', () => {
    assert.equal(world.held.blue?.version, 'v1')
    assert.equal(nextDue(end), end.retireAt)
    const last = world.run((state) => state.windowClosed)
    assert.equal(world.held.blue, null)
    assert.ok(last.lastAt >= (end.retireAt ?? 0))
    assert.equal(world.lost(), 0)
  })

  it('[R-D12] can be taken back at once while the window is open', () => {
    const { world: open } = release({})
    open.give({
      type: 'roll-back',
      by: { id: 'person:kim', roles: [] },
      reason: 'late finding',
      cause: 'person',
      environmentFree: true,
    })
    const back = open.run((state) => state.status !== 'rolling-back')
    assert.equal(back.status, 'rolled-back')
    assert.deepEqual(open.weights(), { blue: 100, green: 0 })
    assert.equal(open.lost(), 0)
  })

  it('[R-D15] [R-F08] leaves a record of every step, verdict and order', () => {
    const types = new Set(world.log.map(({ type }) => type))
    for (const type of [
      'StepStarted',
      'StepFinished',
      'GateChecked',
      'SmokeFinished',
      'Judged',
      'Finalized',
    ] as const) {
      assert.ok(types.has(type), type)
    }
  })
})

describe('[R-D01] a canary', () => {
  const [gates, deploy, smoke, ...rest] = planFor().steps
  const scaled = (instances: number) => ({ kind: 'deploy', component: 'api', instances }) as const
  const at = (weight: number) => rest.findIndex((step) => step.kind === 'shift' && step.weight === weight)
  const steps = [gates!, scaled(1), smoke!, ...rest.slice(0, at(100)), scaled(2), ...rest.slice(at(100))]

  it('grows with its share, before the share does', () => {
    assert.equal(deploy?.kind, 'deploy')
    const { world, end } = release({ readyAfterMs: 500 }, {}, planFor({ strategy: 'canary', steps }))
    assert.equal(end.status, 'finalized')
    assert.equal(world.lost(), 0)
    const moves = world.performed.flatMap(({ command }) => {
      if (command.type === 'EnsureSlot') return [`${command.instances} instances`]
      return command.type === 'SetRoute' ? [`${command.route.weights.green} %`] : []
    })
    assert.deepEqual(moves, ['1 instances', '10 %', '50 %', '2 instances', '100 %'])
  })
})

describe('[R-D11] smoke tests on live, after the switch and its watch', () => {
  it('that are red start the rollback by themselves: nobody asked, users are back, the candidate is gone', () => {
    const { world, end } = release({ liveSmokePasses: false })
    const rollback = world.log.find((event) => event.type === 'RollbackTriggered')
    assert.equal(rollback?.type === 'RollbackTriggered' && rollback.data.by, 'system')
    assert.equal(rollback?.type === 'RollbackTriggered' && rollback.data.cause, 'smoke')
    assert.equal(end.status, 'rolled-back')
    assert.match(end.ending?.reason ?? '', /smoke test "home" on live is red: expected 200, got 500/)
    assert.deepEqual(world.weights(), { blue: 100, green: 0 })
    assert.equal(world.held.green, null)
    assert.equal(world.lost(), 0)
  })

  it('run no sooner than the watch at 100 % has passed, and never where it was cut short', () => {
    const { world } = release({ liveSmokePasses: false })
    const began = world.log.find((event) => event.type === 'StepStarted' && event.data.step.kind === 'bake')?.at ?? 0
    const tested = world.log.find((event) => event.type === 'SmokeFinished' && event.data.target === 'live')?.at ?? 0
    const bake = planFor().steps.find((step) => step.kind === 'bake')
    assert.ok(tested - began >= (bake?.holdMs ?? Infinity), `${tested - began} ms`)
    const failing = release({ errorRate: (weight) => (weight === 100 ? 0.5 : 0), liveSmokePasses: false })
    const [first] = failing.world.log.flatMap((event) => (event.type === 'RollbackTriggered' ? [event.data.cause] : []))
    assert.equal(first, 'limit')
  })
})

describe('smoke tests after a rollback', () => {
  const rolledBack = (passesOf: (checksOf: string) => boolean) => {
    const world = simulate({ builds: { v1: { liveSmokePasses: passesOf }, v2: { liveSmokePasses: false } } })
    world.serving('blue', 'shop-prod-1', 'v1')
    world.give(requestFor(planFor()))
    return { world, end: world.run(undefined, 20_000) }
  }

  it('are those of the release that users are back on: it never had what only the new ones ask for', () => {
    const { world, end } = rolledBack((checksOf) => checksOf === 'shop-prod-1')
    assert.equal(end.status, 'rolled-back')
    const whose = orders(world, 'RunSmoke').map((command) => command.type === 'RunSmoke' && command.release)
    assert.deepEqual(whose, [undefined, undefined, 'shop-prod-1'])
  })

  it('and a person is called when those are red, and told whose they are', () => {
    const { end } = rolledBack((checksOf) => checksOf !== 'shop-prod-1')
    assert.equal(end.status, 'needs-human')
    assert.match(end.ending?.reason ?? '', /smoke test "home" on live \(v1\) is red: expected 200, got 500/)
  })
})

describe('[R-F01] a person, an incident and a security finding each take a healthy release back, alone', () => {
  for (const cause of ['person', 'incident', 'security-finding'] as const)
    for (const weight of [10, 50, 100])
      it(`${cause}, at ${weight} %`, () => {
        const world = simulate({ builds: { v1: {}, v2: {} } })
        world.serving('blue', 'shop-prod-1', 'v1')
        world.give(requestFor(planFor()))
        world.run(() => world.weights().green === weight)
        const by = { id: 'person:kim', roles: [] }
        world.give({ type: 'roll-back', by, reason: 'seen', cause, environmentFree: false })
        const end = world.run()
        assert.equal(end.status, 'rolled-back')
        assert.equal(end.rollback?.cause, cause)
        assert.deepEqual(world.weights(), { blue: 100, green: 0 })
        assert.equal(world.lost(), 0)
      })
})

describe('[R-F01] a bad release is taken back by itself', () => {
  const bad: readonly [string, Build, string, string][] = [
    ['5xx from the start', { errorRate: () => 0.5 }, 'rolled-back', 'limit'],
    ['5xx only under load', { errorRate: (weight) => (weight >= 50 ? 0.2 : 0) }, 'rolled-back', 'limit'],
    ['an instance that exits under traffic', { exitsAfterMs: 15_000 }, 'rolled-back', 'health'],
    ['red smoke tests', { smokePasses: false }, 'aborted', 'smoke'],
    ['instances that never become ready', { readyAfterMs: null }, 'aborted', 'start'],
  ]
  for (const [what, build, status, cause] of bad) {
    it(what, () => {
      const { world, end } = release(build)
      assert.equal(end.status, status)
      assert.equal(end.ending?.cause, cause)
      assert.deepEqual(world.weights(), { blue: 100, green: 0 })
      assert.equal(world.held.green, null)
      assert.equal(world.lost(), 0)
    })
  }
})

describe('[R-F03] a rollback', () => {
  const { world, end } = release({ errorRate: () => 0.5 })

  it('returns traffic before it stops anything', () => {
    const after = world.performed.slice(world.performed.findLastIndex(({ command }) => command.type === 'SetRoute'))
    assert.ok(after.some(({ command }) => command.type === 'StopSlot'))
    assert.deepEqual(world.weights(), { blue: 100, green: 0 })
  })

  it('[R-F06] smoke-tests live and watches it before it calls itself done', () => {
    assert.equal(end.status, 'rolled-back')
    const back = world.log.findIndex(({ type }) => type === 'RollbackTriggered')
    const steps = world.log.slice(back).flatMap((event) => (event.type === 'StepFinished' ? [event.data.kind] : []))
    assert.deepEqual(steps, ['restore-previous', 'traffic-back', 'stop-candidate', 'smoke-live', 'watch'])
    assert.ok((end.ending?.at ?? 0) - (end.rollback?.trafficBackAt ?? 0) >= planFor().timings.watchMs)
  })

  it('opens an incident, tells people at both ends, and says why in numbers', () => {
    assert.equal(orders(world, 'OpenIncident').length, 1)
    const told = world.log.flatMap((event) =>
      event.type === 'CommandIssued' && event.data.command.type === 'Notify' ? [event.data.command.message.event] : [],
    )
    assert.deepEqual(told, ['started', 'rollback-started', 'rolled-back'])
    assert.match(end.ending?.reason ?? '', /error rate of the candidate was \d.* % \(\d+ of \d+ requests/)
    assert.equal(exitCodeOf(end), 5)
  })

  it('[R-F09] that finds live red ends with a human, never silently', () => {
    const broken = { errorRate: () => 0.5 }
    const sick = simulate({ builds: { v1: { smokePasses: false }, v2: broken } })
    sick.serving('blue', 'shop-prod-1', 'v1')
    sick.give(requestFor(planFor()))
    const stuck = sick.run()
    assert.equal(stuck.status, 'needs-human')
    assert.equal(exitCodeOf(stuck), 6)
    assert.match(stuck.ending?.todo ?? '', /stellwerk rollback shop-prod-2/)
    assert.deepEqual(sick.weights(), { blue: 100, green: 0 })
  })

  it('[R-F09] whose router does not answer ends with a human at its deadline', () => {
    const stuck = simulate({
      builds: { v1: {}, v2: { errorRate: () => 0.5 } },
      fault: (command) => (command.type === 'SetRoute' && command.route.weights.green === 0 ? 'transient' : null),
    })
    stuck.serving('blue', 'shop-prod-1', 'v1')
    stuck.give(requestFor(planFor()))
    assert.equal(stuck.run().status, 'needs-human')
    assert.equal(stuck.held.green?.version, 'v2', 'what still gets traffic is not stopped')
  })
})

describe('[R-F04] a rollback to a version that is gone', () => {
  const goneAt = (weight: number) => {
    const world = simulate({
      builds: { v1: { readyAfterMs: 3000 }, v2: { errorRate: (share) => (share >= weight ? 0.5 : 0) } },
    })
    world.serving('blue', 'shop-prod-1', 'v1')
    world.give(requestFor(planFor()))
    world.run(() => world.weights().green >= weight)
    world.held.blue = null
    return { world, end: world.run() }
  }

  for (const weight of [10, 100]) {
    it(`starts it again before traffic returns, at ${weight} %`, () => {
      const { world, end } = goneAt(weight)
      assert.equal(end.status, 'rolled-back')
      assert.deepEqual(world.weights(), { blue: 100, green: 0 })
      assert.equal(world.held.blue?.release, 'shop-prod-1')
      const back = world.performed.slice(world.performed.findLastIndex(({ command }) => command.type === 'EnsureSlot'))
      assert.ok(back.some(({ command }) => command.type === 'SetRoute' && command.route.weights.blue === 100))
    })
  }
})

describe('a first release', () => {
  const first = (v2: Build) => {
    const world = simulate({ builds: { v2 } })
    world.give(requestFor(planFor(), { stable: null }))
    return { world, end: world.run() }
  }

  it('goes straight to 100 %, with nothing to return to', () => {
    const { world, end } = first({})
    assert.equal(end.status, 'finalized')
    assert.deepEqual(world.weights(), { blue: 100, green: 0 })
    assert.equal(end.windowClosed, true)
  })

  it('that fails under traffic shows the maintenance page and calls a human', () => {
    const { world, end } = first({ errorRate: () => 1 })
    assert.equal(end.status, 'needs-human')
    assert.deepEqual(world.weights(), { blue: 0, green: 0 })
  })
})

describe('a first release whose address is taken', () => {
  it('is aborted: nobody was ever routed to it, so nobody has to be told', () => {
    const fault = ({ type }: { type: string }) => (type === 'SetRoute' ? 'transient' : null)
    const world = simulate({ builds: { v2: {} }, fault })
    world.give(requestFor(planFor(), { stable: null }))
    const end = world.run()
    assert.equal(end.status, 'aborted')
    assert.match(end.ending?.reason ?? '', /100 % was not observed in time: injected transient/)
    assert.equal(world.held.blue, null)
  })

  it('still calls a human when an order to the router got lost and may come true', () => {
    const fault = ({ type }: { type: string }) => (type === 'SetRoute' ? 'unknown' : null)
    const world = simulate({ builds: { v2: {} }, fault })
    world.give(requestFor(planFor(), { stable: null }))
    assert.equal(world.run().status, 'needs-human')
  })
})

describe('missing evidence', () => {
  it('[R-D09] [R-E07] never advances: without traffic a person is asked, and nothing is rolled back for it', () => {
    const world = simulate({ builds: { v1: {}, v2: {} }, requestsPerSecond: 0 })
    world.serving('blue', 'shop-prod-1', 'v1')
    world.give(requestFor(planFor()))
    const asked = world.run((state) => state.paused !== null)
    assert.equal(asked.paused?.by, 'system')
    assert.match(asked.paused?.reason ?? '', /not enough evidence at 10 %/)
    assert.deepEqual(world.weights(), { blue: 90, green: 10 })
  })

  it('[R-E07] a candidate that stops logging has failed', () => {
    const rule = { kind: 'silence', id: 'info-logs', metric: 'info-logs', silenceMs: 5000 } as const
    const plan = planFor({ analysis: { rules: [...planFor().analysis.rules, rule], minRequests: 20 } })
    assert.equal(release({ silent: true }, {}, plan).end.status, 'rolled-back')
    assert.equal(release({}, {}, plan).end.status, 'finalized')
  })
})

describe('the plan', () => {
  it('knows the way back from every step before anything starts', () => {
    const plan = planFor()
    const kinds = plan.steps.map((_, index) => rollbackPlanFrom(plan, index).map(({ kind }) => kind))
    assert.deepEqual(kinds[0], [])
    assert.deepEqual(kinds[2], ['stop-candidate'])
    for (const way of kinds.slice(3)) {
      assert.deepEqual(way, ['restore-previous', 'traffic-back', 'stop-candidate', 'smoke-live', 'watch'])
    }
  })

  it('[R-D02] migrates before the candidate takes traffic, and goes down again on the way back where that is declared', () => {
    const command = { component: 'api', command: 'true' }
    const steps = planFor().steps
    const plan = planFor({
      migration: { kind: 'command', expand: command, down: command },
      steps: [...steps.slice(0, 2), { kind: 'migrate' }, ...steps.slice(2)],
    })
    const { world } = release({ errorRate: () => 0.5 }, {}, plan)
    const types = world.performed.map(({ command: { type } }) => type)
    assert.ok(types.indexOf('Migrate') < types.indexOf('SetRoute'))
    assert.deepEqual(
      orders(world, 'Migrate').map((each) => each.type === 'Migrate' && each.direction),
      ['expand', 'down'],
    )
  })
})

describe('the recovery target of rollback.targets', () => {
  const ended = (rtoMs: number) => {
    let refused = 0
    // The router refuses the way back at first, so that it takes its time.
    const fault: WorldOptions['fault'] = (command) =>
      command.type === 'SetRoute' && command.route.weights.green === 0 && refused++ < 3 ? 'transient' : null
    const { world } = release({ errorRate: () => 0.5 }, { fault }, { ...planFor(), targets: { rtoMs } })
    const event = world.log.find(({ type }) => type === 'RolledBack')
    assert(event?.type === 'RolledBack')
    return { data: event.data, world }
  }

  it('is held against what was measured: missed, it is said how it ended and to whom it is told', () => {
    const { data, world } = ended(0)
    const took = data.trafficBackMs!
    assert(took > 0)
    assert.equal(data.rtoMissedByMs, took)
    assert.match(
      data.reason,
      /Recovery target missed: traffic was back after \S+.*, later than the 0ms of rollback\.targets\.rto$/,
    )
    const told = world.log.flatMap((event) =>
      event.type === 'CommandIssued' && event.data.command.type === 'Notify' ? [event.data.command.message.text] : [],
    )
    assert.equal(told.at(-1), data.reason)
  })

  it('is not mentioned where it was met, to the millisecond', () => {
    const took = ended(0).data.trafficBackMs!
    for (const rtoMs of [took, took + 1]) {
      const { data } = ended(rtoMs)
      assert.equal(data.rtoMissedByMs, undefined)
      assert.doesNotMatch(data.reason, /target/)
    }
    assert.equal(ended(took - 1).data.rtoMissedByMs, 1)
  })
})
