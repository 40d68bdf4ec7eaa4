/**
 * `node src/rehearsal/model/main.ts [surprises] [states]`: explores every scene and prints states, edges, depth and speed, or
 * the shortest counterexample, as text and as a scenario. Exit code 1 when one was found.
 */
import { asScenario } from './as-scenario.ts'
import { realCore } from './core.ts'
import { explore } from './explore.ts'
import { pairSpace } from './pair.ts'
import { counterexample } from './print.ts'
import { changes, pair, scenes } from './scenes.ts'
import { type Space, spaceOf } from './space.ts'

const [surprises = '2', states = '1000000', only = ''] = process.argv.slice(2)
const bounds = { surprises: Number(surprises), statesMax: Number(states) }

/** Time of this process on a core: a busy machine makes everything look slow but this. */
const cpuMs = () => process.cpuUsage().user / 1000

let failed = false
function check<N>(space: Space<N>): void {
  const report = explore(space, bounds, cpuMs)
  const { edges, elapsedMs, depth, complete, ends, failure } = report
  const speed = Math.round((edges / elapsedMs) * 1000)
  const ended = Object.entries(ends).map(([status, count]) => `${status} ${count}`)
  console.log(
    `${space.name}: ${report.states} states, ${edges} edges, depth ${depth}, ${Math.round(elapsedMs)} ms of CPU, ${speed} edges/s, ` +
      `${complete ? 'complete' : 'CUT OFF'}; ends: ${ended.join(', ')}`,
  )
  if (failure) console.log(`${counterexample(space, failure)}\n\n${asScenario(space, failure)}`)
  failed ||= failure !== null
}
for (const scene of [...scenes, ...changes]) if (scene.name.includes(only)) check(spaceOf(realCore, scene))
if ('two releases'.includes(only)) check(pairSpace(realCore, pair))
process.exitCode = failed ? 1 : 0
