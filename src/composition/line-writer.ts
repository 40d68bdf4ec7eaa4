/**
 * Lines to a file descriptor, each at once. One that cannot be written (a full disk, a closed pipe, a reader that does not
 * read) is lost and counted; saying something is no reason to end.
 */
import { writeSync } from 'node:fs'

export type LineWriter = { write(line: string): void }

export type WriteSync = (fd: number, text: string) => number

export function lineWriter(fd: number, write: WriteSync = writeSync): LineWriter {
  let lost = 0
  return {
    write(line) {
      try {
        if (lost > 0) write(fd, `${JSON.stringify({ level: 40, msg: 'lines of this log were lost', lost })}\n`)
        lost = 0
        write(fd, line)
      } catch {
        lost += 1
      }
    },
  }
}
