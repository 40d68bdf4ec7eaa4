/** How others find this router: `router.json`, written when it listens and removed when it stops. */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { startInterval } from '../clock.ts'
import { processStart } from '../guard/lock.ts'
import type { RouterInfo } from '../view.ts'
import type { Log } from './log.ts'

const ANNOUNCE_EVERY_MS = 1_000

/**
 * Says in `router.json` how to reach us. A disk that is full or read-only keeps nobody from being served: it is tried over
 * the old file's own blocks, and again every second.
 */
export function announce(dir: string, reach: Pick<RouterInfo, 'url' | 'token'>, log: Log): { withdraw(): void } {
  const path = join(dir, 'router.json')
  const info: RouterInfo = { ...reach, pid: process.pid, processStart: processStart(process.pid) ?? '' }
  const text = `${JSON.stringify(info, null, 2)}\n`
  let told = ''
  const again = startInterval(() => {
    try {
      if (!isSaid(path, text)) writeOver(path, text)
    } catch (error) {
      const { message } = error as Error
      if (message !== told) log(`${path} cannot be written, so nobody finds this router: ${message}; trying again`)
      told = message
    }
  }, ANNOUNCE_EVERY_MS).unref()
  try {
    writeOver(path, text)
  } catch {
    // Tried again, and then said.
  }
  return {
    withdraw() {
      again.stop()
      rmSync(path, { force: true })
    },
  }
}

function isSaid(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8') === text
  } catch {
    return false
  }
}

function writeOver(path: string, text: string): void {
  try {
    writeAtomically(path, text)
  } catch (error) {
    rmSync(`${path}.new`, { force: true })
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC' || !existsSync(path)) throw error
    const file = openSync(path, 'r+')
    try {
      ftruncateSync(file, writeSync(file, text))
    } finally {
      closeSync(file)
    }
  }
}

export function writeAtomically(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
