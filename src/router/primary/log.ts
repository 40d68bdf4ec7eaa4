/** The router's few lines about itself: never one per request. In a file it is kept below a megabyte. */
import { fstatSync, ftruncateSync } from 'node:fs'

export type Log = (line: string) => void

const FILE_MAX_BYTES = 1_000_000
const STDERR = 2

export function stderrLog(): Log {
  return (line) => {
    keepSmall()
    process.stderr.write(`${new Date().toISOString()} stellwerk-router[${process.pid}] ${line}\n`)
  }
}

function keepSmall(): void {
  try {
    const file = fstatSync(STDERR)
    if (file.isFile() && file.size > FILE_MAX_BYTES) ftruncateSync(STDERR, 0)
  } catch {
    // A closed stderr is no reason to stop serving.
  }
}
