/** Reads what instances print, takes secrets out, and keeps it: the newest lines in memory, all of them in a bounded file. */
import { closeSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Account } from '../../command/account.ts'
import { LineCutter } from './lines.ts'
import { LogFile, type LogLimits } from './log-file.ts'
import { createOutput, findOutput, guardOutput, type OutputId, outputId, OutputReader } from './output.ts'
import type { LineRing, RawLine } from './ring.ts'
import { type Timer, startTimer } from '../../../timers.ts'

const STREAMS = ['out', 'err'] as const
type Stream = (typeof STREAMS)[number]

const LOOK_OFTEN_MS = 25
const LOOK_SELDOM_MS = 200
/** Turns of the reader after which an instance that prints without end is left for the next time. */
const TURNS_MAX = 16

/** Lines in which last words are looked for: a supervisor's notes and former lives may stand before them. */
const TAIL_WITHIN = 200
const OWN = '[stellwerk] '

export type OutputIds = Readonly<Record<Stream, OutputId>>

export type CaptureOptions = {
  /** Where the log file goes: `…/blue/logs/shop-prod-7`. */
  readonly folder: string
  /** `instance-0`. */
  readonly name: string
  readonly ring: LineRing
  readonly limits: LogLimits
  /** Values that must not be kept; null while nobody knows them: what is printed meanwhile is withheld. */
  readonly secrets: readonly string[] | null
  /** Whose output it is, where it is not ours. */
  readonly account: Account
}

export class Capture {
  readonly #options: CaptureOptions
  readonly #file: LogFile
  readonly #readers = new Map<Stream, OutputReader>()
  readonly #cutters = new Map<Stream, LineCutter>()
  #timer: Timer | null = null
  #pauseMs = LOOK_OFTEN_MS
  #withheld = 0
  /** Of an adopted life nobody knows: all that is kept of it counts. */
  #startedAt = 0
  #secrets: readonly string[] | null
  readonly #words: LineCutter

  constructor(options: CaptureOptions) {
    this.#options = options
    this.#secrets = options.secrets
    this.#words = new LineCutter(options.secrets ?? [])
    mkdirSync(options.folder, { recursive: true, mode: 0o700 })
    const path = join(options.folder, `${options.name}.log`)
    this.#file = new LogFile(path, options.limits, (message) => this.note(message))
  }

  /** From now on these values are taken out; what was withheld stays so. */
  learn(secrets: readonly string[]): void {
    if (this.#withheld > 0) this.note(`${this.#withheld} lines were withheld: the secrets in them were not known`)
    this.#withheld = 0
    this.#secrets = secrets
    for (const cutter of [this.#words, ...this.#cutters.values()]) cutter.learn(secrets)
  }

  /** What this capture reads, so that a later one finds it; null before the first start. */
  get outputs(): OutputIds | null {
    const [out, err] = STREAMS.map((stream) => this.#readers.get(stream))
    return out && err ? { out: outputId(out.fd), err: outputId(err.fd) } : null
  }

  /** What comes from now on is of another life. */
  starting(): void {
    this.#startedAt = Date.now()
  }

  /** File descriptors for one start; they stay open here. */
  writers(): readonly [number, number] {
    for (const stream of STREAMS) {
      if (!this.#readers.has(stream))
        this.#read(stream, createOutput(dirname(this.#options.folder), this.#options.account), 0)
    }
    return [this.#readers.get('out')!.fd, this.#readers.get('err')!.fd]
  }

  started(instance: number): void {
    const [out, err] = this.writers()
    guardOutput(instance, out, err)
  }

  /** Reads on where an earlier supervisor stopped, in the files that one of the processes holds open. */
  adopt(ids: OutputIds, pids: readonly number[]): void {
    const positions = this.#positions()
    for (const stream of STREAMS) {
      const fd = findOutput(ids[stream], pids)
      if (fd !== null) this.#read(stream, fd, positions[stream])
    }
  }

  /** A line of the supervisor's own, for whoever reads the instance's log. */
  note(text: string): void {
    this.#keep({ at: Date.now(), instance: this.#options.name, stream: 'err', text: `${OWN}${text}` })
  }

  /**
   * The last words: what the instance printed since its last start, or before that where it printed nothing since; the
   * supervisor's own lines only of this life, each once.
   */
  tail(lines: number): readonly string[] {
    const all = this.#options.ring.newest(TAIL_WITHIN, this.#options.name)
    return lastWords(all, this.#startedAt).slice(-lines)
  }

  /** Takes out of a text what may not be kept; all of it while that is not known. */
  redact(text: string): string {
    return this.#secrets === null ? '[withheld]' : this.#words.whole(text)
  }

  /** Reads all that is there, half a line at its end included. */
  drain(): void {
    for (let turn = 0; turn < TURNS_MAX && this.#look(); turn += 1);
    for (const [stream, cutter] of this.#cutters) this.#lines(stream, cutter.end())
  }

  async close(): Promise<void> {
    this.drain()
    if (this.#timer) this.#timer?.stop()
    for (const { fd } of this.#readers.values()) closeSync(fd)
    this.#readers.clear()
    rmSync(this.#positionFile(), { force: true })
    await this.#file.close()
  }

  #read(stream: Stream, fd: number, position: number): void {
    this.#readers.set(stream, new OutputReader(fd, position))
    this.#cutters.set(stream, new LineCutter(this.#secrets ?? []))
    this.#timer ??= startTimer(() => this.#again(), LOOK_OFTEN_MS).unref()
  }

  /** Often while something comes, seldom when nothing does. */
  #again(): void {
    const before = [...this.#readers.values()].map(({ position }) => position).join()
    const more = this.#look()
    const changed = before !== [...this.#readers.values()].map(({ position }) => position).join()
    this.#pauseMs = changed ? LOOK_OFTEN_MS : Math.min(LOOK_SELDOM_MS, this.#pauseMs * 2)
    this.#timer = startTimer(() => this.#again(), more ? 0 : this.#pauseMs).unref()
  }

  /** True when there is more to be had at once. */
  #look(): boolean {
    let isMore = false
    for (const [stream, reader] of this.#readers) {
      const from = reader.position
      const { chunks, lost, more } = this.#tried(reader)
      if (from !== reader.position) this.#remember()
      if (lost > 0) this.note(`${lost} bytes of its output were given up: nobody read them in time`)
      for (const chunk of chunks) this.#lines(stream, this.#cutters.get(stream)!.write(chunk))
      isMore ||= more
    }
    return isMore
  }

  #tried(reader: OutputReader): ReturnType<OutputReader['read']> {
    try {
      return reader.read()
    } catch (error) {
      this.note(`its output cannot be read: ${(error as Error).message}`)
      return { chunks: [], lost: 0, more: false }
    }
  }

  #lines(stream: Stream, lines: readonly string[]): void {
    if (this.#secrets === null) {
      this.#withheld += lines.length
      this.#options.ring.count += lines.length
      return
    }
    for (const text of lines) {
      this.#options.ring.count += 1
      this.#keep({ at: Date.now(), instance: this.#options.name, stream, text })
    }
  }

  #keep(line: RawLine): void {
    this.#options.ring.add(line)
    this.#file.write(`${new Date(line.at).toISOString()} ${line.stream} ${line.text}`)
  }

  /** How far was read, for the next supervisor: at once, so that it repeats nothing. */
  #remember(): void {
    try {
      const at = STREAMS.map((stream) => [stream, this.#readers.get(stream)?.position ?? 0])
      writeFileSync(this.#positionFile(), JSON.stringify(Object.fromEntries(at)), { mode: 0o600 })
    } catch {
      // A full disk: the next supervisor may repeat some lines.
    }
  }

  #positions(): Readonly<Record<Stream, number>> {
    try {
      return { out: 0, err: 0, ...(JSON.parse(readFileSync(this.#positionFile(), 'utf8')) as object) }
    } catch {
      return { out: 0, err: 0 }
    }
  }

  #positionFile(): string {
    return join(this.#options.folder, `.${this.#options.name}.read`)
  }
}

/** `lines`: of one instance, oldest first. */
export function lastWords(lines: readonly RawLine[], startedAt: number): readonly string[] {
  const isOwn = ({ text }: RawLine) => text.startsWith(OWN)
  const since = lines.filter(({ at }) => at >= startedAt)
  const said = since.some((line) => !isOwn(line))
  const words = said ? [] : lines.filter((line) => !isOwn(line))
  return [...words.map(({ text }) => text), ...noteOnce(since)]
}

function noteOnce(lines: readonly RawLine[]): readonly string[] {
  const texts = lines.map(({ text }) => text)
  return texts.filter((text, index) => !text.startsWith(OWN) || texts.lastIndexOf(text) === index)
}
