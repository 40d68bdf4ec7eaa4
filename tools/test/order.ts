/**
 * In which order test files are run, and what beside what. Long files come first, so that none of them is left alone at the
 * end; beside each other is what two cores can carry, since a test whose times matter fails on a machine that has no time.
 */
export type Cost = {
  /** How long it takes alone on two free cores. */
  readonly seconds: number
  /** How many cores it keeps busy meanwhile: processor time by `seconds`, roughly; 0.5: it waits more than it computes. */
  readonly cores: number
}

const COMMON: Cost = { seconds: 8, cores: 0.7 }

/** Files that are not common, rounded; only their order counts. A name that is gone fails `test/house-test.test.ts`. */
export const COSTS: Readonly<Record<string, Cost>> = {
  // Several worlds at once, in which control planes die and start: never one of these beside the other.
  'test/crash/good-rollout.test.ts': { seconds: 60, cores: 1.1 },
  'test/crash/set-change.test.ts': { seconds: 50, cores: 1.1 },
  'test/crash/bad-rollout.test.ts': { seconds: 35, cores: 1.1 },
  'test/e2e/releases-builds.test.ts': { seconds: 80, cores: 0.8 },
  'test/e2e/releases-people.test.ts': { seconds: 70, cores: 0.8 },
  'test/e2e/component-sets.test.ts': { seconds: 75, cores: 0.5 },
  'test/docs/first-release.test.ts': { seconds: 65, cores: 0.5 },
  'test/faults/processes.test.ts': { seconds: 55, cores: 0.5 },
  'test/e2e/examples.test.ts': { seconds: 45, cores: 0.5 },
  'test/faults/services.test.ts': { seconds: 45, cores: 0.8 },
  'test/integration/prometheus.test.ts': { seconds: 40, cores: 0.5 },
  // Its demo has limits on latencies, which a crowded machine breaks.
  'test/package/package.test.ts': { seconds: 55, cores: 1.5 },
  'test/e2e/canary.test.ts': { seconds: 38, cores: 0.5 },
  'test/e2e/workers.test.ts': { seconds: 38, cores: 0.5 },
  'test/faults/frozen-supervisor.test.ts': { seconds: 36, cores: 0.5 },
  'test/faults/own-parts.test.ts': { seconds: 36, cores: 0.5 },
  'test/integration/deliveries.test.ts': { seconds: 33, cores: 0.7 },
  'test/integration/prometheus-outage.test.ts': { seconds: 33, cores: 0.5 },
  'test/integration/store-jobs-replicas.test.ts': { seconds: 30, cores: 0.5 },
  'test/integration/metrics-answers.test.ts': { seconds: 23, cores: 0.5 },
  'test/integration/database-writer.test.ts': { seconds: 30, cores: 0.5 },
  'test/integration/rebuild.test.ts': { seconds: 28, cores: 0.7 },
  'test/integration/streams-broken.test.ts': { seconds: 27, cores: 0.5 },
  'test/integration/router-standstill.test.ts': { seconds: 25, cores: 0.5 },
  'test/integration/store.test.ts': { seconds: 25, cores: 0.7 },
  'test/text/german-sessions.test.ts': { seconds: 25, cores: 1 },
  'test/integration/prometheus-segments.test.ts': { seconds: 23, cores: 0.5 },
  'test/integration/router-process.test.ts': { seconds: 22, cores: 0.8 },
  'test/integration/router-fuzz.test.ts': { seconds: 18, cores: 1 },
  'test/integration/prometheus-rules.test.ts': { seconds: 21, cores: 0.5 },
  'test/integration/store-jobs.test.ts': { seconds: 20, cores: 0.5 },
  'test/integration/platform-process-faults.test.ts': { seconds: 19, cores: 0.8 },
  'test/model/mutations.test.ts': { seconds: 50, cores: 1 },
  'test/model/two-releases.test.ts': { seconds: 45, cores: 1 },
  'test/model/model.test.ts': { seconds: 60, cores: 1 },
  'test/rehearsal/shipped.test.ts': { seconds: 41, cores: 1 },
  'test/rehearsal/swarm.test.ts': { seconds: 25, cores: 1 },
}

/** Computes and waits for nothing: its result is the same however long that takes. */
export function isPure(file: string): boolean {
  return /^(src|test\/(analysis|model|rehearsal))\/|^test\/[^/]+$/.test(file)
}

export function costOf(file: string): Cost {
  return COSTS[file] ?? COMMON
}

/** What fills most of the machine first, then the longest; of two that take as long the name decides. */
export function longestFirst(files: readonly string[]): readonly string[] {
  return files.toSorted((one, other) => compare(costOf(one), costOf(other)) || (one < other ? -1 : 1))
}

function compare(one: Cost, other: Cost): number {
  return Number(other.cores > 1) - Number(one.cores > 1) || other.seconds - one.seconds
}
