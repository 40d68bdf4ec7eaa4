/**
 * `npm run simulate`: random worlds, each from a seed, in which the real engine releases something while adapters, builds,
 * people and the control plane itself do what they should not. The first seed is the commit's hash: other worlds with every
 * commit, the same ones for ever with this one. `--worlds 5000` for a long run, `--seed 42 --worlds 1` to see one again.
 */
import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { playWorld, type WorldReport } from '../src/rehearsal/swarm/play.ts'
import { ROOT, start } from './tool.ts'

/** Outside of a repository. */
const FIXED_SEED = 20_261_121
const SEEDS = 2 ** 32

export function commitSeed(root: string = ROOT): number {
  try {
    const head = execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return Number.parseInt(head.slice(0, 8), 16)
  } catch {
    return FIXED_SEED
  }
}

export type Swarm = {
  readonly worlds: number
  readonly failed: readonly WorldReport[]
  readonly ends: ReadonlyMap<string, number>
}

/** `worlds` worlds from this seed on; ends early when `enough` says so. */
export async function simulate(
  seed: number,
  worlds: number,
  enough: (swarm: Swarm) => boolean = () => false,
): Promise<Swarm> {
  const failed: WorldReport[] = []
  const ends = new Map<string, number>()
  for (let played = 0; played < worlds; played += 1) {
    const report = await playWorld((seed + played) % SEEDS)
    for (const end of report.ends.split(', ')) ends.set(end, (ends.get(end) ?? 0) + 1)
    if (report.broken.length > 0) failed.push(report)
    if (enough({ worlds: played + 1, failed, ends })) return { worlds: played + 1, failed, ends }
  }
  return { worlds, failed, ends }
}

export function failureText({ seed, broken }: WorldReport): string {
  return [
    `world ${seed}:`,
    ...broken.map((each) => `  ${each}`),
    `  again: npm run simulate -- --seed ${seed} --worlds 1`,
  ].join('\n')
}

/** Exit code 1 when a world broke a law, 2 for a usage error. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { worlds: { type: 'string', default: '200' }, seed: { type: 'string' } },
  })
  const worlds = Number(values.worlds)
  const seed = values.seed === undefined ? commitSeed() : Number(values.seed)
  if (!Number.isInteger(worlds) || worlds < 1 || !Number.isInteger(seed) || seed < 0) {
    console.error('--worlds and --seed take whole numbers, worlds at least 1')
    return 2
  }
  let printed = 0
  const { failed, ends } = await simulate(seed, worlds, (swarm) => {
    for (; printed < swarm.failed.length; printed += 1) console.log(failureText(swarm.failed[printed]!))
    return false
  })
  const ended = [...ends].map(([end, count]) => `${end} ${count}`).join(', ')
  console.log(`${worlds} worlds from seed ${seed}: ${failed.length} broke a law; releases ended: ${ended}`)
  return failed.length > 0 ? 1 : 0
}

if (import.meta.main) await start(main, process.argv.slice(2))
