/** What really runs, as the system tells it: neither the control plane nor a supervisor is asked. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { until } from '../../../src/testing/until.ts'

export type InstanceProcess = {
  readonly pid: number
  readonly environment: string
  readonly slot: string
  readonly version: string
}

/** Leaders of instances of `environment`, started below `folder`. */
export function instancesOf(folder: string, environment: string): readonly InstanceProcess[] {
  return pidsOf(folder).flatMap((pid) => {
    const variables = environOf(pid)
    if (variables['STELLWERK_ENVIRONMENT'] !== environment || !variables['STELLWERK_INSTANCE']) return []
    const { STELLWERK_SLOT: slot = '', STELLWERK_VERSION: version = '' } = variables
    return [{ pid, environment, slot, version }]
  })
}

/** `v1.0.0 ×2`, sorted: for messages and for comparing. */
export function runningVersions(folder: string, environment: string): readonly string[] {
  return instancesOf(folder, environment)
    .map(({ version }) => version)
    .sort()
}

/** Kills what a test's control plane left running on purpose: router, supervisors, instances; each by its own pid. */
export async function endProcessesOf(folder: string): Promise<void> {
  await until(
    `nothing runs below ${folder}`,
    () => {
      const left = pidsOf(folder)
      for (const pid of left) kill(pid)
      return left.length === 0
    },
    { timeoutMs: 20_000 },
  )
}

/** Everything whose folder or command line lies below `folder`; zombies have neither. */
function pidsOf(folder: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && (cwdOf(pid).startsWith(folder) || commandOf(pid).includes(folder)))
}

function cwdOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')
}

function environOf(pid: number): Readonly<Record<string, string>> {
  const pairs = read(`/proc/${pid}/environ`).split('\0')
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It was quicker.
  }
}
