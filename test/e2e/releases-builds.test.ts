/**
 * Every build of the example through the real command line, good ones and each kind of bad one, with users on them: how
 * `deploy` ends, what serves afterwards, what is left over, what users lost; and meanwhile, whether `status` said the truth.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { LoadCounters } from '../../examples/lokaltreu/load.ts'
import type { StoredEvent } from '../../src/ports/store.ts'
import { until } from '../../src/testing/until.ts'
import { deployArgs, type House, lastLine, pin, startHouse } from './support/house.ts'
import { answerLies, phaseLies, weightLies } from './support/lies.ts'
import { runningVersions } from './support/processes.ts'
import { environment, specText } from './support/spec.ts'
import { startWitness, type Testimony, type Witness } from './support/witness.ts'

const PER_SECOND = 24
/** A suite of releases that follow each other, on a machine that does other things as well. */
const LIMIT_MS = 500_000

type Release = {
  readonly build: string
  readonly title: string
  readonly code: number
  /** What the user is told of the reason. */
  readonly because?: RegExp
}

/** Three environments of one control plane, side by side; within one, releases follow each other. */
const LANES: Readonly<
  Record<string, { readonly spec: Readonly<Record<string, unknown>>; readonly releases: readonly Release[] }>
> = {
  start: {
    // The window is short, so that the previous release is retired while we look.
    spec: { rollout: { limits: { start: '12s' }, rollbackWindow: '2s' } },
    releases: [
      { build: 'v1', title: '[R-A06] the very first release goes live with nothing beside it', code: 0 },
      {
        build: 'bad-smoke',
        title: '[R-D05] red smoke tests: aborted before any user met it',
        code: 1,
        because: /smoke test "a used-up plan is refused" on candidate is red: expected .*403.*, got .*200/,
      },
      {
        build: 'bad-exits-at-once',
        title: '[R-D03] exits at once: aborted, with its last words',
        code: 1,
        because: /cannot read the price list/,
      },
      {
        build: 'bad-never-ready',
        title: '[R-D03] never ready: aborted when its time to start is over',
        code: 1,
        because: /0 of 1 instances of api were ready in time/,
      },
      { build: 'bad-ignores-sigterm', title: 'ignores SIGTERM but serves well: goes live', code: 0 },
      { build: 'v2', title: '[R-D12] and is retired all the same, by force, after the next release', code: 0 },
    ],
  },
  errors: {
    spec: {
      rollout: { steps: ['25%', '100%'] },
      analysis: [
        { metric: 'error-rate', max: '1%', trigger: { above: '2%', for: '2s' } },
        { metric: 'memory', max: '200MB', trigger: { above: '220MB', for: '1s' } },
      ],
    },
    releases: [
      { build: 'v1', title: 'the first release', code: 0 },
      {
        build: 'bad-5xx',
        title: '[R-E02] fails bookings: rolled back',
        code: 5,
        because: /error rate of the candidate was/,
      },
      {
        build: 'bad-5xx-under-load',
        title: '[R-E02] fails only under load: rolled back',
        code: 5,
        because: /error rate of the candidate was/,
      },
      {
        build: 'bad-leak',
        title: 'leaks memory: rolled back',
        code: 5,
        because: /memory of the candidate was/,
      },
      { build: 'v2', title: '[R-D01] [R-D08] a good release after all these goes live in steps', code: 0 },
    ],
  },
  time: {
    spec: {
      analysis: [
        { metric: 'latency-p95', max: '500ms', trigger: { above: '550ms', for: '2s' } },
        { metric: 'error-rate', max: '1%', trigger: { above: '2%', for: '2s' } },
        { metric: 'readiness-flapping', max: '1%', trigger: { above: '5%', for: '2s' } },
      ],
    },
    releases: [
      { build: 'v1', title: 'the first release', code: 0 },
      { build: 'bad-slow', title: '[R-E01] is slow: rolled back', code: 5, because: /95 % .*of the candidate|p95/ },
      { build: 'bad-hang', title: 'hangs: rolled back', code: 5 },
      {
        build: 'bad-crash-20s',
        title: 'crashes under traffic: rolled back, with its last words',
        code: 5,
        because: /exited .*under traffic.*unhandled error in the stamp sweeper/,
      },
      {
        build: 'bad-flapping',
        title: '[R-E05] comes and goes: rolled back',
        code: 5,
        because: /not ready \d+ looks in a row|readiness/,
      },
      { build: 'v4', title: 'a good release after all these goes live', code: 0 },
    ],
  },
}

const FAULTS = {
  'bad-crash-20s': { kind: 'crashing', with: { afterMs: 6000 } },
  'bad-flapping': { kind: 'flapping', with: { steadyMs: 3000, everyMs: 700 } },
  'bad-leak': { kind: 'leaking', with: { mbPerSecond: 60, mbMax: 400 } },
} as const

let house: House
let witness: Witness
let testimony: Testimony
let counters: Readonly<Record<string, LoadCounters>>
let events: readonly StoredEvent[]

before(async () => {
  const environments = Object.fromEntries(Object.entries(LANES).map(([name, { spec }]) => [name, environment(spec)]))
  const builds = Object.values(LANES).flatMap(({ releases }) => releases.map(({ build }) => build))
  house = await startHouse({ spec: specText({ environments }), builds: [...new Set(builds)], faults: FAULTS })
  witness = startWitness(house, Object.keys(LANES), PER_SECOND)
})
after(() => house?.end())

describe('[R-J02] every build, released by the command line', { concurrency: true, timeout: LIMIT_MS }, () => {
  const lane = { concurrency: 1, timeout: LIMIT_MS }
  describe('[R-D03] [R-D05] in start: who never meets users', lane, () => releasesIn('start'))
  describe('[R-E02] in errors: who fails users', lane, () => releasesIn('errors'))
  describe('[R-E01] [R-E05] [R-F03] in time: who lets users wait', lane, () => releasesIn('time'))
})

function releasesIn(name: string): void {
  let serves = ''
  for (const { build, title, code, because } of LANES[name]?.releases ?? []) {
    it(`${build}: ${title}`, async () => {
      const version = await pin(house, build)
      const run = await house.run(deployArgs(name, version))
      assert.equal(run.code, code, `${run.stdout}\n${run.stderr}`)
      if (because) assert.match(run.stdout, because)
      if (run.code === 0) serves = version
      assert.equal(lastLine(run), `Now serving: api ${serves} 100 %`)
      await noCandidateLeft(name, version, run.code === 0)
      await answersAre(name, serves)
    })
  }
}

/** The system itself is asked: what was taken back does not run any more when the command says so. */
async function noCandidateLeft(environment: string, version: string, live: boolean): Promise<void> {
  const running = runningVersions(house.folder, environment)
  assert.equal(running.filter((each) => each === version).length, live ? 1 : 0, running.join())
}

/** The next answers that users get are of this version. */
async function answersAre(environment: string, version: string): Promise<void> {
  const { serving } = await house.status(environment)
  for (let count = 0; count < 5; count += 1) {
    const answer = await fetch(`${serving[0]?.url}/`)
    assert.equal(answer.headers.get('x-version'), version)
    await answer.body?.cancel()
  }
}

describe('after all of them', () => {
  it('[R-D12] keeps the old version warm for its window, then retires it, also one that ignores SIGTERM', async () => {
    await until('only v2 runs in start', () => runningVersions(house.folder, 'start').join() === 'v2.0.0', {
      timeoutMs: 30_000,
    })
    assert.deepEqual(runningVersions(house.folder, 'errors'), ['v1.0.0', 'v2.0.0'])
    assert.deepEqual(runningVersions(house.folder, 'time'), ['v1.0.0', 'v4.0.0'])
  })
})

describe('[R-D15] what was said and lost meanwhile', () => {
  before(async () => {
    ;({ testimony, counters } = await witness.stop())
    events = await house.events()
  })

  it('[R-D08] no user lost a request, whatever was released', () => {
    for (const [name, { lost, lostBy, sent, skipped }] of Object.entries(counters)) {
      assert.equal(lost, 0, `${name}: ${JSON.stringify(lostBy)} of ${sent}`)
      assert(sent > 500, `${name} had ${sent} requests`)
      assert(skipped < sent / 20, `${name} skipped ${skipped}`)
    }
    assert.deepEqual(Object.keys(counters).sort(), Object.keys(LANES).sort())
  })

  it('no user met a build that was stopped before traffic', () => {
    const met = Object.values(counters).flatMap(({ byVersion }) => Object.keys(byVersion))
    for (const build of ['smoke', 'exits-at-once', 'never-ready']) assert(!met.includes(`v3.0.0-${build}`), met.join())
  })

  it('the status was there at every moment, by command line and API', () => {
    const count = (by: string) => testimony.statements.filter((statement) => statement.by === by).length
    assert(count('cli') > 15, `${count('cli')} by the command line`)
    assert(count('http') > 60, `${count('http')} by the API`)
    assert.deepEqual(
      testimony.silences.filter((text) => !text.startsWith('router: Error: No router is running')),
      [],
    )
  })

  it('the weights it said were in force at that moment, as the router itself tells', () => {
    const shares = new Set(testimony.routes.flatMap(({ value }) => Object.values(value).map(({ blue }) => blue)))
    for (const share of [0, 25, 50, 100]) assert(shares.has(share) || shares.has(100 - share), `${[...shares]}`)
    assert.deepEqual(weightLies(testimony), [])
  })

  it('the versions it said to serve are those that answered users, and no others', () => {
    assert.deepEqual(answerLies(testimony, { mute: ['v3.0.0-hang', 'v3.0.0-crash-20s', 'v3.0.0-flapping'] }), [])
  })

  it('the phases it said are those of the event log', () => {
    const phases = new Set(testimony.statements.flatMap(({ value }) => value.map(({ holder }) => holder?.phase)))
    for (const phase of ['deploying', 'holding', 'baking', 'rolling-back: watching'])
      assert(phases.has(phase as never), [...phases].join())
    assert.deepEqual(phaseLies(testimony, events), [])
  })

  it('[R-F08] every end stands in the log with its reason, and the log verifies', async () => {
    const ends = events.filter(({ type }) => ['Finalized', 'RolledBack', 'Aborted'].includes(type))
    assert.equal(ends.length, Object.values(LANES).flatMap(({ releases }) => releases).length)
    for (const { type, data } of ends) {
      if (type !== 'Finalized') assert((data as { reason: string }).reason.length > 20)
    }
    const verified = await house.run(['audit', 'verify'])
    assert.equal(verified.code, 0, verified.stdout)
  })
})
