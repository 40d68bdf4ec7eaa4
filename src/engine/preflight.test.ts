import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Plan } from '../core/plan.ts'
import type { RolloutState } from '../core/rollout/state.ts'
import { failure, ok, type Result } from '../ports/result.ts'
import type { EnvironmentRow } from '../ports/store.ts'
import { examplePlan } from '../testing/example-rollout.ts'
import { preflightRefusal, type Surroundings } from './preflight.ts'

const PLAN = examplePlan()

function planAt(service: string, environment: string, listen: string): Plan {
  const components = PLAN.components.map((each) => ({ ...each, router: { kind: 'embedded', listen } }))
  return { ...PLAN, service, environment, components }
}

function rowOf({ service, environment }: Plan, where: 'stable' | 'holder' | 'queue'): EnvironmentRow {
  const id = `${service}-${environment}`
  const stable = where === 'stable' ? { rollout: id } : null
  return {
    service,
    environment,
    holder: where === 'holder' ? id : null,
    queue: where === 'queue' ? [id] : [],
    facts: { stable, rollouts: 1 },
  } as unknown as EnvironmentRow
}

type Given = {
  readonly others?: readonly (readonly [Plan, 'stable' | 'holder' | 'queue'])[]
  readonly ownAddress?: string | null
  readonly accepts?: () => Promise<Result<null>>
}

function around({ others = [], ownAddress = null, accepts }: Given): Surroundings {
  const plans = new Map(others.map(([plan]) => [`${plan.service}-${plan.environment}`, plan]))
  return {
    store: { environments: async () => others.map(([plan, where]) => rowOf(plan, where)) },
    adapters: {
      platform: () => ({ ...(accepts && { accepts }) }) as never,
      router: (_, { router }) => ({ listens: [String(router?.['listen'])] }) as never,
    },
    load: async (id) => ({ plan: plans.get(id)! }) as RolloutState,
    ownAddress,
  }
}

async function said(given: Given, plan: Plan): Promise<string | null> {
  const refused = await preflightRefusal(around(given), plan)
  return refused && refused.problems.map(({ where, message }) => `${where}: ${message}`).join('\n')
}

describe('a release is refused before it begins', () => {
  const wanted = planAt('shop', 'prod', '127.0.0.1:8080')

  for (const where of ['stable', 'holder', 'queue'] as const) {
    it(`when the address is taken by a release that is ${where} elsewhere`, async () => {
      const others = [[planAt('blog', 'prod', '0.0.0.0:8080'), where]] as const
      assert.equal(
        await said({ others }, wanted),
        'components.api.router.listen: 127.0.0.1:8080 is where api of blog in prod listens (as 0.0.0.0:8080); give api another address',
      )
    })
  }

  it('when another environment of the same service has it', async () => {
    const others = [[planAt('shop', 'stage', '127.0.0.1:8080'), 'stable']] as const
    assert.match((await said({ others }, wanted))!, /is where api of shop in stage listens;/)
  })

  it('when the control plane itself listens there', async () => {
    const other = planAt('shop', 'prod', 'localhost:7070')
    assert.match((await said({ ownAddress: '127.0.0.1:7070' }, other))!, /is where the control plane itself listens/)
    assert.equal(await said({ ownAddress: '[::1]:7071' }, other), null)
  })

  it('but not for its own environment, another port, or a free port', async () => {
    assert.equal(await said({ others: [[wanted, 'stable']] }, wanted), null)
    assert.equal(await said({ others: [[planAt('blog', 'prod', '127.0.0.1:8081'), 'stable']] }, wanted), null)
    const free = planAt('shop', 'prod', '127.0.0.1:0')
    assert.equal(await said({ others: [[planAt('blog', 'prod', '127.0.0.1:0'), 'stable']] }, free), null)
  })

  it('when its platform can never start the artifact, and only then', async () => {
    const gone = async () => failure('permanent', 'there is no folder or archive /srv/shop/v2.0.0')
    assert.match(
      (await said({ accepts: gone }, wanted))!,
      /^artifact\.components\.api: .* there is no folder or archive \/srv\/shop/,
    )
    assert.equal(await said({ accepts: async () => failure('transient', 'the registry is down') }, wanted), null)
    assert.equal(await said({ accepts: async () => ok(null) }, wanted), null)
  })
})
