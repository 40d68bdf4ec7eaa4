/** The control plane's process as the test holds it: started, told where to die, started again at once when it did. */
import { type ChildProcess, fork } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../../src/testing/until.ts'
import type { Moment } from './boundaries.ts'
import type { Boundary, Death, Said, Told } from './control-plane-process.ts'

const PROGRAM = join(import.meta.dirname, 'control-plane-process.ts')
/** Compiled once for all of them, and where the command line has it compiled: restarts are most of what is waited for. */
const COMPILED = join(import.meta.dirname, '../../node_modules/.cache/stellwerk')
const START_LIMIT_MS = 60_000

export type Contact = { readonly url: string; readonly token: string }

export type Held = {
  /** Where it answers now; waits while it is dead. */
  contact(): Promise<Contact>
  /** From now on boundaries are counted, and `dieAt` is deadly. */
  watch(dieAt: Boundary | null): Promise<void>
  trace(): Promise<readonly Moment[]>
  /** The last act since `watch`, or null while it has not died. */
  death(): Death | null
  /** Exits that nobody wanted. */
  readonly accidents: readonly string[]
  end(): Promise<void>
}

type Holding = { child: ChildProcess; ready: Promise<Contact>; isEnding: boolean; death: Death | null }

export function holdControlPlane(folder: string, databaseUrl: string): Held {
  const accidents: string[] = []
  const holding = {} as Holding
  const start = () => {
    holding.child = forkOne(folder, databaseUrl)
    holding.ready = said(holding.child, 'ready', START_LIMIT_MS)
    holding.ready.catch(() => undefined)
    holding.child.once('exit', (code, signal) => {
      if (holding.isEnding) return
      holding.death = takeDeath(folder)
      if (!holding.death) accidents.push(`the control plane ended by itself with ${signal ?? `exit code ${code}`}`)
      start()
    })
  }
  Object.assign(holding, { isEnding: false, death: null })
  start()
  return {
    accidents,
    contact: () => until('the control plane answers', () => holding.ready, { timeoutMs: START_LIMIT_MS }),
    watch: async (dieAt) => {
      await holding.ready
      holding.death = null
      await ask(holding.child, { type: 'watch', dieAt }, 'watching')
    },
    trace: async () => (await ask(holding.child, { type: 'trace' }, 'trace')).moments,
    death: () => holding.death,
    end: async () => {
      holding.isEnding = true
      const { child } = holding
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
    },
  }
}

function forkOne(folder: string, databaseUrl: string): ChildProcess {
  const log = openSync(join(folder, 'control-plane.log'), 'a')
  const child = fork(PROGRAM, [join(folder, 'data'), databaseUrl, deathFile(folder)], {
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: COMPILED },
    // The test runner's own flags are not for it.
    execArgv: [],
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  return child
}

function deathFile(folder: string): string {
  return join(folder, 'death.json')
}

function takeDeath(folder: string): Death | null {
  try {
    return JSON.parse(readFileSync(deathFile(folder), 'utf8')) as Death
  } catch {
    return null
  } finally {
    rmSync(deathFile(folder), { force: true })
  }
}

type Saying<T extends Said['type']> = Extract<Said, { type: T }>

async function ask<T extends Said['type']>(child: ChildProcess, told: Told, answer: T): Promise<Saying<T>> {
  const answered = said(child, answer, 10_000)
  child.send(told)
  return await answered
}

function said<T extends Said['type']>(child: ChildProcess, type: T, limitMs: number): Promise<Saying<T>> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      clearTimeout(timer)
      child.off('message', heard).off('exit', died)
      end()
    }
    const heard = (message: Said) => message.type === type && settle(() => resolve(message as Saying<T>))
    const died = () => settle(() => reject(new Error(`the control plane ended before it said "${type}"`)))
    const timer = setTimeout(() => settle(() => reject(new Error(`no "${type}" in ${limitMs} ms`))), limitMs)
    child.on('message', heard).once('exit', died)
  })
}
