import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RolloutState } from '../core/rollout/state.ts'
import { instant } from '../core/time.ts'
import type { DesiredSlot } from '../ports/platform.ts'
import { ok } from '../ports/result.ts'
import { examplePlan } from '../testing/example-rollout.ts'
import { fakePlatform } from '../testing/fake-platform.ts'
import { perform } from './perform.ts'

const PLAN = examplePlan()
const [API] = PLAN.components

/** What a platform is asked for when the engine performs `EnsureSlot` for this component. */
async function askedFor(component: Partial<(typeof PLAN.components)[number]>, flags: Record<string, string> = {}) {
  const plan = { ...PLAN, flags, components: [{ ...API!, ...component }] }
  const asked: DesiredSlot[] = []
  const behaviour = (desired: DesiredSlot) => {
    asked.push(desired)
    return {}
  }
  const platform = fakePlatform({ now: () => instant(0), behaviour })
  const secrets = { read: async () => ok('correct horse') }
  const shell = { adapters: { secrets, platform: () => platform } } as unknown as Parameters<typeof perform>[0]
  const command = { type: 'EnsureSlot', component: 'api', slot: 'green', release: 'r1', instances: 1 } as const
  const order = { key: 'r1/1/0', fence: 1, signal: new AbortController().signal }
  const answer = await perform(shell, { id: 'r1', plan } as unknown as RolloutState, command, order)
  assert.ok(answer.ok, JSON.stringify(answer))
  return asked[0]!
}

test('an instance knows whose it is and in which slot it runs, whatever the platform', async () => {
  const { environment } = await askedFor({})
  assert.deepEqual(environment, {
    STELLWERK_SERVICE: 'shop',
    STELLWERK_COMPONENT: 'api',
    STELLWERK_ENVIRONMENT: 'prod',
    STELLWERK_VERSION: PLAN.artifact.version,
    STELLWERK_SLOT: 'green',
  })
})

test('beside its variables, flags and secrets, of which it is said which are', async () => {
  const secrets = { TOKEN: { kind: 'env', name: 'A' } }
  const given = { variables: { LOG_LEVEL: 'warn', STELLWERK_SLOT: 'mine' }, secrets }
  const { environment, secretNames } = await askedFor(given, { 'new-search': 'on' })
  const { LOG_LEVEL, TOKEN, STELLWERK_FLAG_NEW_SEARCH, STELLWERK_SLOT } = environment
  assert.deepEqual(
    [LOG_LEVEL, TOKEN, STELLWERK_FLAG_NEW_SEARCH, STELLWERK_SLOT],
    ['warn', 'correct horse', 'on', 'green'],
  )
  assert.deepEqual(secretNames, ['TOKEN'])
})
