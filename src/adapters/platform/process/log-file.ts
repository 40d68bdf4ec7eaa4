/**
 * A bounded, rotated log: `instance-0.log`, `.1`, `.2`. Writing never hurts whoever is logged: on a full or frozen disk
 * lines are dropped, counted, and the loss is reported once when it begins and once when it is over.
 */
import { type FileHandle, open, rename } from 'node:fs/promises'

export type LogLimits = { readonly maxBytes: number; readonly files: number }

/** Characters that may wait for a slow disk. */
const WAITING_MAX = 1_000_000

export class LogFile {
  readonly #path: string
  readonly #limits: LogLimits
  readonly #report: (message: string) => void
  #file: FileHandle | null = null
  #size = 0
  #waiting: string[] = []
  #waitingLength = 0
  #dropped = 0
  #failing = false
  #busy: Promise<void> | null = null

  constructor(path: string, limits: LogLimits, report: (message: string) => void) {
    this.#path = path
    this.#limits = limits
    this.#report = report
  }

  write(line: string): void {
    if (this.#waitingLength > WAITING_MAX) {
      this.#dropped += 1
      return
    }
    this.#waiting.push(line)
    this.#waitingLength += line.length
    this.#busy ??= this.#flush().finally(() => (this.#busy = null))
  }

  /** Writes what waits and lets go of the file. */
  async close(): Promise<void> {
    while (this.#busy) await this.#busy
    await this.#file?.close().catch(() => {})
    this.#file = null
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting
      this.#waiting = []
      this.#waitingLength = 0
      await this.#append(lines).catch((error: Error) => this.#lost(lines.length, error))
    }
  }

  async #append(lines: readonly string[]): Promise<void> {
    const text = `${lines.join('\n')}\n`
    if (this.#size > 0 && this.#size + text.length > this.#limits.maxBytes) await this.#rotate()
    this.#file ??= await this.#open()
    await this.#file.appendFile(text)
    this.#size += Buffer.byteLength(text)
    this.#failing = false
    if (this.#dropped === 0) return
    this.#report(`${this.#path} can be written again; ${this.#dropped} lines were dropped`)
    this.#dropped = 0
  }

  async #open(): Promise<FileHandle> {
    const file = await open(this.#path, 'a', 0o600)
    this.#size = (await file.stat()).size
    return file
  }

  async #rotate(): Promise<void> {
    await this.#file?.close()
    this.#file = null
    this.#size = 0
    for (let age = this.#limits.files - 1; age > 0; age -= 1) {
      const from = age === 1 ? this.#path : `${this.#path}.${age - 1}`
      await rename(from, `${this.#path}.${age}`).catch(() => {})
    }
  }

  async #lost(lines: number, error: Error): Promise<void> {
    this.#dropped += lines
    await this.#file?.close().catch(() => {})
    this.#file = null
    if (this.#failing) return
    this.#failing = true
    this.#report(`${this.#path} cannot be written (${error.message}); lines are dropped until it can`)
  }
}
