/**
 * Goal: whoever follows the first page gets what it says. Method: its own blocks are run in order in an empty folder, by
 * the marks before them; only ports, and the questions that nobody can answer here, are other than on the page.
 *
 * Marks: `<!-- run -->` and `<!-- run, exit 5 -->` (the last command's exit code), `<!-- start -->` (goes on beside the rest),
 * `<!-- write FILE -->`, `<!-- run at the end -->` (when what was started has ended).
 */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { until } from '../../src/testing/until.ts'
import { run, type Finished } from '../../tools/process.ts'
import { ROOT } from '../../tools/tool.ts'
import { type Marked, markedIn } from '../../tools/docs/markdown.ts'

const STEP_MS = 90_000
const steps = markedIn(readFileSync(join(ROOT, 'docs/start/first-release.md'), 'utf8'))

/** Why this machine cannot follow the page, or false. */
function missing(): string | false {
  for (const program of ['python3', 'git', 'curl', 'bash']) {
    try {
      execFileSync(program, ['--version'], { stdio: 'ignore' })
    } catch {
      return `${program} is not installed`
    }
  }
  return false
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

describe('the page "Your first release"', { skip: missing() }, () => {
  const outside = mkdtempSync(join(tmpdir(), 'stellwerk-first-'))
  const folder = join(outside, 'hello')
  const started: ChildProcess[] = []
  const said: string[] = []
  let ports: readonly number[] = []

  const env = {
    PATH: `${join(ROOT, 'bin')}:${dirname(process.execPath)}:${process.env['PATH']}`,
    LANG: 'C.UTF-8',
    ...Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((who) => [
        [`GIT_${who}_NAME`, 'reader'],
        [`GIT_${who}_EMAIL`, 'reader@example.com'],
      ]),
    ),
  }

  function adapted(text: string): string {
    return text
      .replaceAll('8080', String(ports[0]))
      .replaceAll('8081', String(ports[1]))
      .replaceAll(/^(.*stellwerk (?:deploy|down|approve)\b.*)$/gm, '$1 --yes')
      .replaceAll(/^stellwerk up$/gm, 'exec stellwerk up --listen 127.0.0.1:0')
  }

  /** Every block begins where the reader is: in `hello`, once it is there. */
  async function execute({ text }: Marked): Promise<Finished> {
    const commands = `set -e; cd hello 2>/dev/null || true\n${adapted(text)}`
    const finished = await run('bash', ['-c', commands], { timeoutMs: STEP_MS, cwd: outside, env })
    said.push(finished.output)
    return finished
  }

  async function start({ text }: Marked): Promise<void> {
    const child = spawn('bash', ['-c', adapted(text)], { cwd: folder, env: { ...process.env, ...env }, detached: true })
    started.push(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => void (output += chunk))
    if (text.includes('stellwerk up')) {
      await until('the control plane has said where it is', () => output.includes('control plane at http://'), {
        timeoutMs: STEP_MS,
      })
    }
  }

  async function end(): Promise<void> {
    for (const child of started.splice(0).reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const ended = new Promise((resolve) => child.once('exit', resolve))
      process.kill(-child.pid!, 'SIGINT')
      const patience = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), 20_000)
      await ended
      clearTimeout(patience)
    }
  }

  async function follow(step: Marked): Promise<void> {
    if (step.does === 'write') return writeFileSync(join(folder, step.file), adapted(step.text))
    if (step.does === 'start') return start(step)
    if (step.isLast) await end()
    const finished = await execute(step)
    assert.equal(finished.code, step.exit, finished.output)
  }

  before(async () => {
    ports = await freePorts(2)
    mkdirSync(outside, { recursive: true })
    // Else PostgreSQL, which root runs as another user, would keep its data where nobody here removes it.
    chmodSync(outside, 0o755)
  })
  after(async () => {
    await end()
    await execute({ does: 'run', text: 'stellwerk down', line: 0, file: '', exit: 0, isLast: true })
    rmSync(outside, { recursive: true, force: true })
  })

  for (const step of steps) {
    const title = step.text
      .trimEnd()
      .split('\n')
      .at(step.does === 'write' ? 0 : -1)
    test(`line ${step.line}: ${step.does} ${step.file} ${title}`, { timeout: STEP_MS + 30_000 }, () => follow(step))
  }

  test('said what the page says it says', () => {
    const all = said.join('\n')
    for (const expected of [
      /stellwerk\.yaml is valid: hello, components web/,
      /Finalized: users of dev are on v1\./,
      /hello {4}dev {10}web {8}v1 100 % {5}=/,
      /Finalized: users of dev are on v2\./,
      /Now serving: web v1 100 %\nhello from v1/,
      /Rolled back: users of dev are on the previous version, not on v3\./,
      /error rate of the candidate was [\d.]+ % \(\d+ of \d+ requests, .*\), above the 2 % that demand a rollback/,
      /quarantined/,
      /may not approve|requested it|asked for/,
      /Finalized: users of stage are on v1\./,
      /intact: \d+ events/,
      /instances and router are stopped/,
    ])
      assert.match(all, expected)
  })
})
