/** How long a verb takes that does nothing, beside Node that does nothing: what every use of the command line costs. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { median, quantileOf, rounded, timed, times } from '../measure.ts'
import type { Benchmark } from '../run.ts'

export const name = 'cli: start'

const ROUNDS = 15
const GOAL = 2
const BIN = join(import.meta.dirname, '../../bin/stellwerk.mjs')

const CONTENDERS: Readonly<Record<string, readonly string[]>> = {
  'node -e 0': ['-e', '0'],
  'stellwerk --version': [BIN, '--version'],
  'stellwerk --help': [BIN, '--help'],
}

/** Rounds alternate, so that a noisy neighbour meets all of them. */
export async function run(): Promise<Benchmark> {
  const took = new Map(Object.keys(CONTENDERS).map((contender) => [contender, [] as number[]]))
  for (const args of Object.values(CONTENDERS)) await start(args)
  for (let round = 0; round < ROUNDS; round++)
    for (const [contender, args] of Object.entries(CONTENDERS))
      took.get(contender)!.push(await timed(() => start(args)))
  const bare = median(took.get('node -e 0')!)
  const rows = [...took].map(([contender, ms]) => ({
    command: contender,
    'p50 ms': rounded(median(ms)),
    'p90 ms': rounded(quantileOf(ms, 0.9)),
    'against node': times(median(ms) / bare),
  }))
  const ratio = median(took.get('stellwerk --version')!) / bare
  return {
    title: name,
    rows,
    notes: [
      `${ROUNDS} alternating runs each, after one that fills the compile cache; wall time of the whole process.`,
      `Goal: --version at most ${GOAL} × node: ${ratio <= GOAL ? 'met' : 'MISSED'}.`,
    ],
  }
}

async function start(args: readonly string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [...args], { env: { PATH: process.env['PATH'], NO_COLOR: '1' } })
}
