/**
 * Reads what instances print. Each writes into two named pipes which it also holds open for reading, so that the death of
 * this process neither ends nor signals it (a plain pipe would: SIGPIPE); the next keeper opens the same pipes and reads on.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, constants, existsSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { foreignLine } from '../../../core/foreign-text.ts'
import type { LogLine } from '../../../ports/platform.ts'
import { LogFile, type LogLimits } from './log-file.ts'

/** Longer lines are split, so that one endless line cannot fill the memory. */
const LINE_MAX = 16_384
const LINES_KEPT = 2000

/** The newest lines of all instances of a slot, and how many there ever were. */
export class LineRing {
  #lines: LogLine[] = []
  count: number

  constructor(count: number) {
    this.count = count
  }

  add(line: LogLine): void {
    this.#lines.push(line)
    if (this.#lines.length > 2 * LINES_KEPT) this.#lines = this.#lines.slice(-LINES_KEPT)
  }

  newest(lines: number, instance?: string): readonly LogLine[] {
    const wanted = instance === undefined ? this.#lines : this.#lines.filter((line) => line.instance === instance)
    return lines > 0 ? wanted.slice(-lines) : []
  }
}

export class Capture {
  readonly #folder: string
  readonly #name: string
  readonly #ring: LineRing
  readonly #file: LogFile
  readonly #sockets: readonly Socket[]
  redact: (text: string) => string = (text) => text

  constructor(folder: string, name: string, ring: LineRing, limits: LogLimits) {
    this.#folder = folder
    this.#name = name
    this.#ring = ring
    this.#file = new LogFile(join(folder, `${name}.log`), limits, (message) => this.note(message))
    this.#sockets = (['out', 'err'] as const).map((stream) => this.#read(stream))
  }

  /** File descriptors of the writing ends for one start; the caller closes them after it. */
  writers(): readonly [number, number] {
    return [openSync(this.#pipe('out'), constants.O_RDWR), openSync(this.#pipe('err'), constants.O_RDWR)]
  }

  /** A line of the keeper's own, for whoever reads the instance's log. */
  note(text: string): void {
    this.#ring.add({ at: Date.now(), instance: this.#name, stream: 'err', text: `[stellwerk] ${text}` })
  }

  tail(lines: number): readonly string[] {
    return this.#ring.newest(lines, this.#name).map(({ text }) => text)
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await this.#file.close()
    for (const stream of ['out', 'err'] as const) rmSync(this.#pipe(stream), { force: true })
  }

  #read(stream: 'out' | 'err'): Socket {
    const path = this.#pipe(stream)
    if (!existsSync(path)) makePipe(path)
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
    const socket = new Socket({ fd, readable: true, writable: false })
    const decoder = new StringDecoder('utf8')
    let rest = ''
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + decoder.write(chunk)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#line(stream, line)
      for (; rest.length > LINE_MAX; rest = rest.slice(LINE_MAX)) this.#line(stream, rest.slice(0, LINE_MAX))
    })
    socket.on('error', (error) => this.note(`cannot read ${path}: ${error.message}`))
    return socket
  }

  #line(stream: 'out' | 'err', raw: string): void {
    const text = this.redact(foreignLine(this.redact(raw), LINE_MAX))
    const at = Date.now()
    this.#ring.count += 1
    this.#ring.add({ at, instance: this.#name, stream, text })
    this.#file.write(`${new Date(at).toISOString()} ${stream} ${text}`)
  }

  #pipe(stream: 'out' | 'err'): string {
    return join(this.#folder, `${this.#name}.${stream}`)
  }
}

function makePipe(path: string): void {
  const made = spawnSync('mkfifo', ['-m', '600', path], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`mkfifo ${path}: ${made.error?.message ?? made.stderr.trim()}`)
}

export function closeAll(fds: readonly number[]): void {
  for (const fd of fds) closeSync(fd)
}
