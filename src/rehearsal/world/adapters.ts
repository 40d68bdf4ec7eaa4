/** The ports of the simulated world: what the engine gives orders to in a rehearsal. */
import { ownRulesOf } from '../../core/analysis/own/rule.ts'
import type { PlannedComponent, PlannedGate, PlannedSmoke } from '../../core/plan.ts'
import type { Message } from '../../core/rollout/message.ts'
import type { Verdict } from '../../core/verdict.ts'
import type { Adapters } from '../../ports/adapters.ts'
import type { Gate } from '../../ports/gate.ts'
import { failure, ok } from '../../ports/result.ts'
import type { Smoke } from '../../ports/smoke.ts'
import type { Behaviour } from '../scenario/build.ts'
import type { Scenario } from '../scenario/schema.ts'
import type { Component } from './component.ts'
import type { Faults } from './faults.ts'
import { withOwn } from './own.ts'

const SLOTS = ['blue', 'green'] as const

export type AdapterParts = {
  readonly components: ReadonlyMap<string, Component>
  readonly faults: Faults
  readonly buildOf: (name: string, version: string | null) => Behaviour
  readonly gates: Scenario['gates']
  readonly messages: Message[]
}

export function adaptersOf(parts: AdapterParts): Adapters {
  const { faults, messages } = parts
  const of = ({ name }: Pick<PlannedComponent, 'name'>) => {
    const found = parts.components.get(name)
    if (!found) throw new Error(`the simulated world has no component "${name}"`)
    return found
  }
  const done = () => faults.disturb({ part: 'commands', order: 'run', perform: () => ok({ output: 'rehearsed' }) })
  return {
    platform: (_, component) => of(component).platform(component.router === null),
    router: (_, component) => of(component).router(addressOf(component)),
    metrics: ({ analysis }, component) => withOwn(of(component).metrics, ownRulesOf(analysis.rules, component.name)),
    gate: (_, gate) => gateOf(gate, parts),
    smoke: () => smokeOf(parts),
    migration: () => ({ expand: done, down: done }),
    run: done,
    notifier: () => ({
      deliver: (message) =>
        faults.disturb({
          part: 'notifier',
          order: 'deliver',
          perform: () => {
            messages.push(message)
            return ok({ receipt: 'rehearsed' })
          },
        }),
    }),
    secrets: { read: async () => ok('rehearsed') },
  }
}

function addressOf({ router }: PlannedComponent): string | null {
  const listen = router?.['listen']
  return typeof listen === 'string' ? listen : null
}

function gateOf({ id }: PlannedGate, { gates, faults }: AdapterParts): Gate {
  return {
    check: async ({ now }) => {
      const outcome = gates[id] ?? 'pass'
      const verdict = (found: Verdict['outcome'], text: string): Verdict => {
        return {
          rule: id,
          outcome: found,
          expected: 'pass',
          actual: found,
          source: 'the scenario',
          observedAt: now,
          text,
        }
      }
      const asked = await faults.disturb({
        part: 'gate',
        order: 'check',
        perform: () => ok(verdict(outcome, `${id} is taken as ${outcome} in this rehearsal`)),
      })
      return asked.ok ? asked.value : verdict('no-evidence', asked.message)
    },
  }
}

type Checks = { readonly baseUrls: readonly string[]; readonly checks: readonly PlannedSmoke[] }

function smokeOf(parts: AdapterParts): Smoke {
  return {
    run: ({ baseUrls, checks }) =>
      parts.faults.disturb({ part: 'smoke', order: 'run', perform: () => smoke(parts, { baseUrls, checks }) }),
  }
}

function smoke(parts: AdapterParts, { baseUrls, checks }: Checks) {
  const tested = baseUrls.map((url) => ({ url, result: behind(parts, url, checks[0]?.component ?? '') }))
  const unable = tested.find(({ result }) => result === 'cannot run')
  if (unable) return failure('permanent', `the smoke tests could not be run against ${unable.url}`)
  const ran = tested.flatMap(({ url, result }) =>
    checks.map(({ name }) => {
      const passed = result === 'passes'
      return {
        name,
        url,
        passed,
        expected: 'as declared',
        actual: passed ? 'as declared' : 'something else',
        durationMs: 1,
      }
    }),
  )
  return ok({ passed: ran.length > 0 && ran.every(({ passed }) => passed), checks: ran })
}

/** How the build answers that stands behind an instance's address, or behind the router. */
function behind({ components, buildOf }: AdapterParts, url: string, name: string): Behaviour['smoke'] {
  const component = components.get(name)
  if (!component) return 'cannot run'
  const { slots, route, look } = component
  const own = SLOTS.map((slot) => slots.peek(slot)).find(({ upstreams }) =>
    upstreams.some((upstream) => `http://${upstream}` === url),
  )
  const most = SLOTS.toSorted((left, right) => route().weights[right] - route().weights[left])[0]
  const target = own ?? (most && look(most).seen)
  if (!target || target.ready === 0) return 'fails'
  return buildOf(name, target.version).smoke
}
