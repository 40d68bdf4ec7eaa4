/** What a control plane stands on: its folder and its database, both to itself, and the disk below them. */
import { type Alarm, alarm } from '../core/alarm.ts'
import { say } from '../core/say.ts'
import type { Log } from '../ports/log.ts'
import { claimDatabase, holdFolder } from './alone.ts'
import { systemClock } from './clock.ts'
import { openDatabase, type RunningDatabase } from './database.ts'
import { type Disk, watchDisk } from './disk.ts'
import type { StartOptions } from './start-options.ts'

export type Ground = {
  readonly database: Pick<RunningDatabase, 'connectionString' | 'migrationUrl' | 'adminUrl'>
  readonly disk: Disk
  /** Rejects when the control plane can no longer run. */
  readonly ended: Promise<void>
}

export type GroundOptions = Pick<StartOptions, 'dataFolder' | 'databaseUrl' | 'migrationUrl' | 'replica' | 'progress'>

/** `ends` gets, in the order of its beginnings, what ends each part. */
export async function takeGround(options: GroundOptions, log: Log, ends: (() => Promise<unknown>)[]): Promise<Ground> {
  const { dataFolder, replica: isReplica = false } = options
  const clock = systemClock
  const { promise: ended, reject: onLost } = Promise.withResolvers<void>()
  ended.catch((error: Error) => log.error('the control plane ends', { error: error.message }))
  const release = holdFolder(dataFolder, isReplica)
  ends.push(async () => release())
  const { databaseUrl, migrationUrl = null, progress } = options
  const database = await openDatabase({ databaseUrl, migrationUrl, dataFolder, progress, clock, log, onLost })
  ends.push(() => database.stop())
  const { connectionString, home } = database
  const claimed = await claimDatabase({ connectionString, isReplica, clock, log, onLost })
  ends.push(() => claimed.stop())
  const disk = await watchDisk({ folders: [dataFolder, ...(home === null ? [] : [home])], clock, log })
  ends.push(() => disk.stop())
  return { database, disk, ended }
}

export function diskAlarm(disk: Disk): Alarm | null {
  const { level, since, said } = disk.state()
  return level === 'ok' ? null : alarm({ kind: 'disk', since }, { what: say`control plane`, why: said })
}
