/**
 * A control plane in a process of its own that can be told to die: `{ dieAt }` names a boundary, and at its `occurrence`th
 * time SIGKILL ends the process in the middle of it. What is told and answered goes over the channel of `fork`.
 */
import { writeFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { startControlPlane } from '../../src/composition/start.ts'
import { type Moment, type Place, type Side, watchBoundaries } from './boundaries.ts'

export type Boundary = { readonly name: string; readonly side: Side; readonly occurrence: number }

export type Told = { readonly type: 'watch'; readonly dieAt: Boundary | null } | { readonly type: 'trace' }

export type Said =
  | { readonly type: 'ready'; readonly url: string; readonly token: string }
  | { readonly type: 'watching' }
  | { readonly type: 'trace'; readonly moments: readonly Moment[] }

/** Written by the dying process as its last act. */
export type Death = { readonly boundary: Boundary; readonly moment: Moment; readonly place: Place | null }

const [dataFolder, databaseUrl, deathFile] = process.argv.slice(2)
if (!dataFolder || !databaseUrl || !deathFile) throw new Error('usage: DATA_FOLDER DATABASE_URL DEATH_FILE')

let moments: Moment[] = []
let dieAt: Boundary | null = null
let isWatching = false
let met = 0

function reached(moment: Moment, place: Place | null): void {
  moments.push(moment)
  if (!dieAt || moment.side !== dieAt.side || !moment.names.includes(dieAt.name)) return
  met += 1
  if (met !== dieAt.occurrence) return
  const death: Death = { boundary: dieAt, moment, place }
  writeFileSync(deathFile as string, JSON.stringify(death))
  process.kill(process.pid, 'SIGKILL')
}

const { reset, decorate, decorateStore } = watchBoundaries({ reached, watching: () => isWatching })

process.on('message', (told: Told) => {
  if (told.type === 'trace') return say({ type: 'trace', moments })
  reset()
  moments = []
  met = 0
  dieAt = told.dieAt
  isWatching = true
  say({ type: 'watching' })
})
// Nobody is left to tell us anything.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

const { url, localToken } = await startControlPlane({
  dataFolder,
  host: '127.0.0.1',
  port: 0,
  databaseUrl,
  logLevel: 'warn',
  progress: () => undefined,
  decorate,
  decorateStore,
})
// Nobody here ever exits by itself, which is when Node would write it: the next one would compile everything anew.
flushCompileCache()
say({ type: 'ready', url, token: localToken })

function say(said: Said): void {
  process.send?.(said)
}
