/** The plans of a rehearsal: the spec as it is, compiled for artifacts that nobody ever built. */
import { say, verbatim } from '../../core/say.ts'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Artifact } from '../../core/artifact.ts'
import type { PlannedRollout } from '../../engine/control-plane.ts'
import type { Scenario } from '../../rehearsal/scenario/schema.ts'
import { required } from '../answer.ts'
import { mustHave } from '../spec-file.ts'
import type { Shell } from '../verb.ts'

/** Compiles for every version of a scenario; answers the plan of one. */
export type Planned = (scenario: Scenario) => Promise<(version: string) => PlannedRollout>

const LIVE = 'v1'

export async function rehearsalPlans({ globals, io, deps }: Shell): Promise<Planned> {
  const file = resolve(io.cwd, globals.file)
  const found = required(await deps.readSpec(file), say`use ${globals.file}`, null)
  mustHave(found.environments, globals.environment, globals.file)
  const environment = globals.environment ?? found.environments.at(-1)!
  const spec = { text: await readFile(file, 'utf8'), file: globals.file, folder: dirname(file) }
  return async (scenario) => {
    const { componentsOf, namesWith, withComponents } = await import('../../rehearsal/components.ts')
    const plans = new Map<string, PlannedRollout>()
    for (const version of [LIVE, ...scenario.releases.map((release) => release.version)]) {
      const own = componentsOf(scenario, version)
      const request = { spec, environment, artifact: madeUp(version, namesWith(found.components, own)), flags: {} }
      const answer = await deps.compile(request, (read) => withComponents(read, own))
      plans.set(version, required(answer, say`plan ${version}`, verbatim('stellwerk validate')))
    }
    return (version) => plans.get(version)!
  }
}

/** Pinned like a real one; what it names is never opened. */
function madeUp(version: string, components: readonly string[]): Artifact {
  const hex = (text: string) => createHash('sha256').update(`rehearsal ${version} ${text}`).digest('hex')
  const pinned = components.map((name) => [
    name,
    { ref: `/rehearsal/${name}/${version}`, digest: `sha256:${hex(name)}` },
  ])
  return {
    version,
    commit: hex('commit').slice(0, 40),
    buildUrl: `https://rehearsal.example/builds/${version}`,
    authors: [],
    components: Object.fromEntries(pinned),
  }
}
