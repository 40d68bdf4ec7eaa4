/**
 * The router's few lines about itself: never one per request. In a file it is kept below a megabyte. A line that cannot
 * be written (a full disk, a closed pipe) is lost: saying something is no reason to stop serving.
 */
import { fstatSync, ftruncateSync, writeSync } from 'node:fs'

export type Log = (line: string) => void

const FILE_MAX_BYTES = 1_000_000
const STDERR = 2

export function stderrLog(): Log {
  return (line) => {
    try {
      keepSmall()
      writeSync(STDERR, `${new Date().toISOString()} stellwerk-router[${process.pid}] ${line}\n`)
    } catch {
      // Lost, see above.
    }
  }
}

function keepSmall(): void {
  const file = fstatSync(STDERR)
  if (file.isFile() && file.size > FILE_MAX_BYTES) ftruncateSync(STDERR, 0)
}
