/** One life of an instance: a process group that was started or found again, until its leader exits. */
import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import type { Account } from '../../command/account.ts'
import type { Environment } from '../../command/run.ts'
import { isSameProcess, startOf } from '../../command/process-group.ts'
import type { Capture } from './capture.ts'
import { MARK } from './leftovers.ts'
import { delay } from '../../../timers.ts'

export type Exit = { readonly code: number | null; readonly signal: string | null }

export type Life = {
  readonly pid: number
  readonly start: string
  /** Resolves when the leader is gone. An adopted one leaves neither code nor signal: only its parent would be told. */
  readonly ended: Promise<Exit>
}

export type Launch = {
  readonly argv: readonly string[]
  readonly workFolder: string
  /** Complete but for PORT and STELLWERK_INSTANCE. */
  readonly environment: Environment
  readonly account: Account
}

const ADOPTED_POLL_MS = 100

/** Starts the leader of a new group. Throws when the program cannot be started. */
export async function spawnLife(launch: Launch, port: number, marker: string, capture: Capture): Promise<Life> {
  const child = spawn(launch.argv[0]!, launch.argv.slice(1), {
    cwd: launch.workFolder,
    env: { ...launch.environment, PORT: String(port), [MARK]: marker },
    detached: true,
    stdio: ['ignore', ...capture.writers()],
    ...launch.account,
  })
  const ended = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  const pid = child.pid!
  capture.started(pid)
  // A start time that is not there any more belongs to a process that has exited already; `ended` tells.
  return { pid, start: startOf(pid) ?? '', ended }
}

/** Watches a process that another supervisor has started. */
export function adoptLife(pid: number, start: string): Life {
  return { pid, start, ended: untilGone(pid, start) }
}

async function untilGone(pid: number, start: string): Promise<Exit> {
  while (isSameProcess(pid, start)) await delay(ADOPTED_POLL_MS)
  return { code: null, signal: null }
}

/** Where the program `name` is, looked up as the system would; null when there is no such program. */
export function findProgram(name: string, workFolder: string, path: string): string | null {
  const places = name.includes('/')
    ? [resolve(workFolder, name)]
    : path.split(delimiter).map((folder) => join(folder, name))
  return places.find(isProgram) ?? null
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
