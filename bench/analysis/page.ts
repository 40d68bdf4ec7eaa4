/** The tables of docs/policies.md, written between its two marks. */
import { SEQUENTIAL_DEFAULTS } from '../../src/core/analysis/sequential/options.ts'
import { requestsAlone } from './alone.ts'
import { mean, quantileOf, rounded, standardError } from '../measure.ts'
import type { Cell } from './play.ts'
import { sequential } from './stellwerk.ts'
import { twoStreamBound, waldBound } from './wald.ts'
import type { World } from './world.ts'

const BEGIN = '<!-- generated: npm run bench -- --only analysis/policies --write -->'
const END = '<!-- end of generated -->'

export type Played = { readonly runs: number; readonly firstSeed: number }

/** Throws where the page lost its marks. */
export function withTables(text: string, cells: readonly Cell[], played: Played): string {
  const from = text.indexOf(BEGIN)
  const to = text.indexOf(END)
  if (from < 0 || to < from) throw new Error(`docs/policies.md has no ${BEGIN} … ${END} any more`)
  return `${text.slice(0, from)}${BEGIN}\n\n${tables(cells, played)}\n\n${text.slice(to)}`
}

function tables(cells: readonly Cell[], { runs, firstSeed }: Played): string {
  const byWorld = [...Map.groupBy(cells, ({ world }) => world)]
  const of = (...groups: readonly World['group'][]) => byWorld.filter(([{ group }]) => groups.includes(group))
  return [
    `Played on ${new Date().toISOString().slice(0, 10)}, seeds from ${firstSeed}; asked for were ${whole(runs)} releases per world, fewer where latencies are drawn.`,
    'How many of Stellwerk each row has stands in its column “releases”, after a stroke how many of the others.',
    'In brackets behind a share of healthy releases: where it lies with a confidence of 95 % (Wilson); behind a mean: its standard error.',
    '',
    '### Healthy releases rolled back, %',
    '',
    table(of('healthy'), falsely),
    '',
    '### The same in worlds that were drawn once the method was fixed',
    '',
    table(of('drawn'), falsely),
    '',
    '### Regressions of errors: found, requests to detection (mean, 95th), seconds, bad answers',
    '',
    table(of('worse'), found(cells)),
    '',
    '### Slower candidates, 20 requests/s, p95 273 ms',
    '',
    table(of('slower'), found(cells)),
    '',
    '### Regressions under way, 20 requests/s at 0.5 %',
    '',
    table(of('later'), found(cells)),
    '',
    '### Against the bound',
    '',
    bounds(cells),
  ].join('\n')
}

function table(worlds: readonly (readonly [World, readonly Cell[]])[], show: (cell: Cell) => string): string {
  const policies = worlds[0]?.[1].map(({ policy }) => policy) ?? []
  const line = (parts: readonly string[]) => `| ${parts.join(' | ')} |`
  return [
    line(['requests/s', 'errors', 'world', 'releases', ...policies]),
    line(['---:', '---:', '---', '---:', ...policies.map(() => '---:')]),
    ...worlds.map(([world, cells]) => line([...about(world), releases(cells), ...cells.map(show)])),
  ].join('\n')
}

/** `1,000 / 300`: of ours, and the fewest of the others. */
function releases(cells: readonly Cell[]): string {
  const [ours, others] = [true, false].map((own) => {
    const runs = cells.filter(({ policy }) => (policy === sequential.name) === own).map((cell) => cell.runs)
    return runs.length === 0 ? 0 : Math.min(...runs)
  })
  return others === 0 || ours === others ? whole(ours!) : `${whole(ours!)} / ${whole(others!)}`
}

function about({ rps, baseline, name }: World): readonly string[] {
  return [String(rounded(rps, 2)), `${rounded(100 * baseline, 2)} %`, name]
}

function falsely({ policy, runs, falsely }: Cell): string {
  const share = String(rounded((100 * falsely) / runs))
  if (policy !== sequential.name) return share
  const [low, high] = wilson(falsely, runs)
  return `${share} (${rounded(100 * low)}-${rounded(100 * high)})`
}

/** Where a share lies with a confidence of 95 %, `found` of `runs` seen (Wilson 1927: true of small counts and of none, too). */
function wilson(found: number, runs: number): readonly [number, number] {
  const [z, share] = [1.96, found / runs]
  const middle = (share + (z * z) / (2 * runs)) / (1 + (z * z) / runs)
  const half = (z / (1 + (z * z) / runs)) * Math.sqrt((share * (1 - share)) / runs + (z * z) / (4 * runs * runs))
  return [Math.max(0, middle - half), middle + half]
}

/** What stops so many healthy releases of the same traffic finds nothing: it is on its way back already. */
const LOTTERY = 0.05

/** `100 %: 487 (12), 1,120; 240 s; 13`, or `stops 98 % of healthy ones`. */
function found(cells: readonly Cell[]): (cell: Cell) => string {
  return ({ world, policy, runs, falsely, requests, seconds, bad }) => {
    const same = cells.find((cell) => cell.policy === policy && isHealthyTwin(cell.world, world))
    const healthy = same === undefined ? 0 : same.falsely / same.runs
    if (healthy > LOTTERY) return `stops ${rounded(100 * healthy, 0)} % of healthy ones`
    const wrongly = falsely > 0 ? ` (${rounded((100 * falsely) / runs)} % before)` : ''
    if (requests.length === 0) return `never${wrongly}; ${whole(mean(bad))}`
    const spread = requests.length < 2 ? '' : ` (${whole(standardError(requests))})`
    const counts = `${whole(mean(requests))}${spread}, ${whole(quantileOf(requests, 0.95))}`
    const share = rounded((100 * requests.length) / runs, 0)
    return `${share} %${wrongly}: ${counts}; ${whole(mean(seconds))} s; ${whole(mean(bad))}`
  }
}

function isHealthyTwin(healthy: World, worse: World): boolean {
  const name = worse.timed ? 'errors and latencies' : 'nothing special'
  return healthy.name === name && healthy.rps === worse.rps && healthy.baseline === worse.baseline
}

function whole(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 })
}

/**
 * Mean requests of ours beside what two streams hold, where nearly every release was found; total failure is the limit's.
 * The last two columns are the comparison by itself: what of the distance is the method's, and not the product's.
 */
function bounds(cells: readonly Cell[]): string {
  const rows = cells
    .filter(({ world, policy }) => policy === sequential.name && world.group === 'worse' && world.worse < 1)
    .filter(({ world, runs, requests }) => requests.length >= 0.98 * runs && !world.name.includes('bursts'))
    .map(({ world, requests }) => {
      const strict = twoStreamBound(world.baseline, world.worse, 0.1)
      const tolerant = twoStreamBound(world.baseline, world.worse, 0.1, 1.2)
      const used = mean(requests)
      const warm = used - 0.1 * world.rps * (SEQUENTIAL_DEFAULTS.warmUpMs / 1000)
      const numbers = [waldBound(world.baseline, world.worse), strict, tolerant, used, warm].map(whole)
      const alone = [requestsAlone(world.baseline, world.worse, 1.2) / tolerant]
      alone.push(requestsAlone(world.baseline, world.worse, 1) / strict)
      const ratios = [used / strict, warm / strict, warm / tolerant, ...alone].map((ratio) => rounded(ratio, 2))
      return `| ${[...about(world), ...numbers, ...ratios].join(' | ')} |`
    })
  return [
    '| requests/s | errors | regression | Wald (W) | two streams (T) | beyond ×1.2 (T₁.₂) | ours | after the warm-up | ours / T | after / T | after / T₁.₂ | alone / T₁.₂ | alone, nothing tolerated / T |',
    '|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|',
    ...rows,
  ].join('\n')
}
