/** Plays a scenario with the spec of one component, as `stellwerk rehearse` does. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import assert from 'node:assert/strict'
import { compileRequest, readSpec } from '../../src/composition/compile.ts'
import type { PlannedRollout } from '../../src/engine/control-plane.ts'
import { componentsOf, namesWith, withComponents } from '../../src/rehearsal/components.ts'
import type { Components } from '../../src/rehearsal/scenario/components.ts'
import { rehearse } from '../../src/rehearsal/run.ts'
import type { Rehearsal } from '../../src/rehearsal/result.ts'
import { readScenario } from '../../src/rehearsal/scenario/read.ts'
import type { Scenario } from '../../src/rehearsal/scenario/schema.ts'
import { problemText } from '../../src/stellwerk-yaml/problem.ts'
import { ROOT } from '../../tools/tool.ts'

export const LOKALTREU = readFileSync(join(ROOT, 'test/rehearsal/lokaltreu-api.yaml'), 'utf8')

/** Throws with every problem of a text that is no scenario. */
export function scenarioOf(text: string, file = 'scenario.yaml'): Scenario {
  const read = readScenario({ text, file })
  assert.ok(read.ok, read.ok ? '' : read.problems.map(problemText).join('\n'))
  return read.scenario
}

export async function play(scenario: Scenario, spec = LOKALTREU, environment = 'prod'): Promise<Rehearsal> {
  const plans = new Map<string, PlannedRollout>()
  for (const version of ['v1', ...scenario.releases.map((release) => release.version)]) {
    plans.set(version, await planOf(version, componentsOf(scenario, version), { spec, environment }))
  }
  return rehearse({ scenario, planned: (version) => plans.get(version)! })
}

type From = { readonly spec: string; readonly environment: string }

async function planOf(
  version: string,
  components: Components,
  { spec: text, environment }: From,
): Promise<PlannedRollout> {
  const hex = createHash('sha256').update(version).digest('hex')
  const read = readSpec({ text, file: 'stellwerk.yaml' })
  assert.ok(read.ok, read.ok ? '' : read.message)
  const own = Object.keys(read.value.environments[environment]?.components ?? {})
  const artifact = {
    version,
    commit: hex.slice(0, 40),
    buildUrl: `https://ci.example.org/builds/${version}`,
    authors: [],
    components: Object.fromEntries(
      namesWith(own, components).map((name) => [name, { ref: `/builds/${version}`, digest: `sha256:${hex}` }]),
    ),
  }
  const spec = { text, file: 'stellwerk.yaml', folder: '/srv/lokaltreu' }
  const answer = await compileRequest({ spec, environment, artifact, flags: {} }, (read) =>
    withComponents(read, components),
  )
  assert.ok(answer.ok, answer.ok ? '' : `${answer.message} ${JSON.stringify(answer)}`)
  return answer.value
}
