import assert from 'node:assert/strict'
import { decide } from '../core/rollout/decide.ts'
import type { Recorded, RolloutEvent } from '../core/rollout/events.ts'
import { evolve } from '../core/rollout/evolve.ts'
import type { Command } from '../core/rollout/commands.ts'
import type { Input } from '../core/rollout/inputs.ts'
import type { RolloutState } from '../core/rollout/state.ts'
import type { Instant } from '../core/time.ts'

export type Outcome = { readonly events: readonly RolloutEvent[]; readonly commands?: readonly Command[] }

/**
 * `given(history).when(input, now).then({ events, commands })`: exact, complete and in order. The state is frozen deeply, so
 * a decision that changes what it was given fails the test.
 */
export function given(history: readonly Recorded[]) {
  const state = history.reduce<RolloutState | null>((folded, event) => deepFreeze(evolve(folded, event)), null)
  return {
    when(input: Input, now: Instant) {
      const decision = decide(state, deepFreeze(input), now)
      const events = decision.events.map(({ type, data }) => ({ type, data }))
      return {
        then(expected: Outcome): void {
          assert.deepEqual(events, expected.events)
          if (expected.commands)
            assert.deepEqual(
              decision.commands.map(({ command }) => command),
              expected.commands,
            )
        },
        thenNothing(): void {
          assert.deepEqual(events, [])
        },
        /** The types of the events in order: for rules where the data is another test's concern. */
        thenTypes(...types: readonly RolloutEvent['type'][]): void {
          assert.deepEqual(
            events.map(({ type }) => type),
            types,
          )
        },
      }
    },
    thenThrows(input: Input, now: Instant, message: RegExp): void {
      assert.throws(() => decide(state, input, now), message)
    },
  }
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}
