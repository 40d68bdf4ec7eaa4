/** One child process, its output collected: for the tools, which run other programs and print what they said. */
import { spawn } from 'node:child_process'
import { getPriority, setPriority } from 'node:os'
import { ROOT } from './tool.ts'

export type Finished = { readonly code: number; readonly output: string }

export type RunOptions = {
  readonly timeoutMs: number
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Default: the repository's root. */
  readonly cwd?: string
  /** Added to ours; default 0. */
  readonly niceness?: number
}

/** Exit code 124 when `timeoutMs` passed (the child is killed), 127 when the program does not exist. */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  return new Promise((resolve) => {
    const { cwd = ROOT, env } = options
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' })
    if (options.niceness && child.pid !== undefined) setPriority(child.pid, getPriority() + options.niceness)
    let output = ''
    let late = false
    const deadline = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, options.timeoutMs)
    const collect = (chunk: Buffer) => void (output += chunk)
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.stdin.on('error', () => {}) // the child may end without reading; its exit code tells
    child.stdin.end(options.input ?? '')
    child.on('error', (error) => {
      clearTimeout(deadline)
      resolve({ code: 127, output: `${program}: ${error.message}` })
    })
    child.on('close', (code) => {
      clearTimeout(deadline)
      if (late) resolve({ code: 124, output: `${output}\n${program}: gave up after ${options.timeoutMs / 1000} s` })
      else resolve({ code: code ?? 1, output })
    })
  })
}
