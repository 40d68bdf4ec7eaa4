/**
 * What it takes somebody who has Node and nothing else: the tarball of `npm pack` is installed into an empty prefix, with an empty home
 * and cache, from the registry; then the demo runs until its good release is finalized.
 */
import { execFile, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { median, rounded, timed, times } from '../measure.ts'
import type { Benchmark } from '../run.ts'
import { ROOT } from '../../tools/tool.ts'

const GOAL_S = 60
const GOAL_BYTES = 3_000_000
const GOAL_TIMES = 2
const ROUNDS = 15
const FINALIZED = /^v2\.0\.0: finalized\./m
const execute = promisify(execFile)

export async function run(): Promise<Benchmark> {
  const folder = mkdtempSync(join(tmpdir(), 'stellwerk-install-'))
  chmodSync(folder, 0o711)
  try {
    return await measure(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(folder: string): Promise<Benchmark> {
  await execute('npm', ['pack', '--pack-destination', folder], { cwd: ROOT, maxBuffer: 10_000_000 })
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!)
  const [prefix, home, cwd] = ['prefix', 'home', 'demo'].map((name) => join(folder, name)) as [string, string, string]
  for (const made of [home, cwd]) mkdirSync(made, { mode: 0o711 })
  const path = [join(prefix, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter)
  const env = { ...process.env, HOME: home, npm_config_cache: join(folder, 'cache'), PATH: path }
  const install = ['install', '--global', '--prefix', prefix, '--no-audit', '--no-fund', tarball]
  const installMs = await timed(() => execute('npm', install, { cwd, env }))
  const demoMs = await untilFinalized(cwd, env)
  const { bare, version } = await starts(join(prefix, 'lib/node_modules/stellwerk/bin/stellwerk.mjs'), env)
  const seconds = (installMs + demoMs) / 1000
  const { size } = statSync(tarball)
  const met = (isMet: boolean) => (isMet ? 'met' : 'MISSED')
  return {
    title: 'package: from the tarball to a finalized release',
    rows: [
      { what: 'tarball, bytes', measured: size, goal: GOAL_BYTES, verdict: met(size <= GOAL_BYTES) },
      { what: 'npm install, s', measured: rounded(installMs / 1000), goal: '', verdict: '' },
      { what: 'demo until its good release is finalized, s', measured: rounded(demoMs / 1000), goal: '', verdict: '' },
      { what: 'both, s', measured: rounded(seconds), goal: GOAL_S, verdict: met(seconds <= GOAL_S) },
      {
        what: '--version against node -e 0',
        measured: times(version / bare),
        goal: times(GOAL_TIMES),
        verdict: met(version / bare <= GOAL_TIMES),
      },
    ],
    notes: [
      'npm install: an empty cache, every dependency from the registry over the network; its install script of PostgreSQL is not run.',
      `--version: median of ${ROUNDS} alternating runs, ${rounded(version)} ms; node -e 0: ${rounded(bare)} ms.`,
    ],
  }
}

/** Ms from the start of the demo to its second release being finalized. The demo is ended there, and has cleared up. */
async function untilFinalized(cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  const demo = spawn('stellwerk', ['demo'], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => demo.once('close', () => resolve()))
  let said = ''
  const took = await timed(() => {
    const finalized = new Promise<void>((resolve) => {
      demo.stderr.on('data', (chunk) => FINALIZED.test((said += chunk)) && resolve())
    })
    return Promise.race([finalized, ended])
  })
  demo.kill('SIGINT')
  await ended
  if (!FINALIZED.test(said)) throw new Error(`the demo ended before its release did:\n${said}`)
  return took
}

async function starts(bin: string, env: NodeJS.ProcessEnv): Promise<{ bare: number; version: number }> {
  const took = { bare: [] as number[], version: [] as number[] }
  const start = (args: readonly string[]) => timed(() => execute(process.execPath, args, { env }))
  await start([bin, '--version'])
  for (let round = 0; round < ROUNDS; round++) {
    took.bare.push(await start(['-e', '0']))
    took.version.push(await start([bin, '--version']))
  }
  return { bare: median(took.bare), version: median(took.version) }
}
