import type { FakeControlPlane } from '../../../src/testing/fake-control-plane.ts'
import { until } from '../../../src/testing/until.ts'

/** What happens once somebody follows the events, however long the command line takes to get there. */
export function onceFollowed(fake: FakeControlPlane, then: () => void): void {
  void until('somebody follows the events', () => fake.listeners > 0).then(then)
}
