import { afterEach, beforeEach, describe, it } from 'node:test'
import type { Json } from '../core/json.ts'
import { after } from '../core/time.ts'
import type { NewJob } from '../ports/job.ts'
import type { NewEvent, PlacedEvent, Store, StreamFacts } from '../ports/store.ts'
import type { VirtualClock } from './virtual-clock.ts'

export type StoreHarness = {
  readonly store: Store
  /** The clock that the store reads. */
  readonly clock: VirtualClock
  /** Jobs of committed transactions, in order. */
  readonly jobs: () => readonly NewJob[]
  readonly close: () => Promise<void>
}

export type Skip = { readonly test: string; readonly reason: string }

/** What a group of contract tests works with: a fresh store for each test. */
export type Suite = {
  readonly test: (title: string, run: () => Promise<void>) => void
  readonly store: () => Store
  readonly clock: () => VirtualClock
  readonly jobs: () => readonly NewJob[]
  readonly append: (stream: string, expected: number, ...types: readonly string[]) => Promise<readonly PlacedEvent[]>
  /** Begins a stream at version 1 with a saved row that is due in so many milliseconds (null: never). */
  readonly stand: (stream: string, dueInMs: number | null, state?: Json) => Promise<void>
}

export const FACTS: StreamFacts = {
  kind: 'rollout',
  service: 'shop',
  environment: 'prod',
  version: 'v1',
  phase: 'gates',
  final: false,
}

export function happened(type: string, data: Json = {}): NewEvent {
  return { type, data, actor: 'person:alex' }
}

export function suiteOf(
  name: string,
  open: () => Promise<StoreHarness>,
  skips: readonly Skip[],
  define: (suite: Suite) => void,
): void {
  describe(name, () => {
    let harness: StoreHarness
    beforeEach(async () => {
      harness = await open()
    })
    afterEach(() => harness.close())
    const store = () => harness.store
    define({
      store,
      clock: () => harness.clock,
      jobs: () => harness.jobs(),
      test: (title, run) => {
        const skip = skips.find((one) => one.test === title)
        it(title, skip ? { skip: skip.reason } : {}, run)
      },
      append: (stream, expected, ...types) =>
        store().transact((tx) =>
          tx.append(
            stream,
            expected,
            types.map((type) => happened(type)),
          ),
        ),
      stand: (stream, dueInMs, state = {}) =>
        store().transact(async (tx) => {
          await tx.append(stream, 0, [happened('Begun')])
          const nextDue = dueInMs === null ? null : after(tx.now(), dueInMs)
          await tx.saveStream({ stream, version: 1, state, nextDue }, FACTS)
        }),
    })
  })
}
