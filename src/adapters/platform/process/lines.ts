import { StringDecoder } from 'node:string_decoder'
import { FOREIGN_LINE_MAX, foreignLine } from '../../../core/foreign-text.ts'
import { type Redact, redactor, type RedactStream, redactStream } from '../../command/redact.ts'

/**
 * Bytes of one stream as clean lines: secrets out first, over the borders of chunks and of lines that are cut, then what
 * cannot be printed, then once more, for a secret may be interrupted by a colour. Longer lines come in several.
 */
export class LineCutter {
  readonly #decoder = new StringDecoder('utf8')
  readonly #stream: RedactStream
  #redact: Redact
  /** Redacted, of the line that is not complete yet. */
  #pending = ''
  #isLineOpen = false
  #inHole = false

  constructor(secrets: readonly string[]) {
    this.#stream = redactStream(secrets)
    this.#redact = redactor(secrets)
  }

  learn(secrets: readonly string[]): void {
    this.#stream.learn(secrets)
    this.#redact = redactor(secrets)
  }

  /** The lines that are complete by now. */
  write(bytes: Buffer): readonly string[] {
    const [first = '', ...others] = this.#decoder.write(this.#withoutHole(bytes)).split('\n')
    const done = this.#add(first)
    for (const other of others) done.push(...this.#endLine(), ...this.#add(other))
    return done
  }

  /** What is left of a line that never ended. */
  end(): readonly string[] {
    return this.#isLineOpen ? this.#endLine() : []
  }

  /** A text that is no stream, on one line. */
  whole(text: string): string {
    return this.#clean(this.#redact(text))
  }

  /** Who goes on writing where he was, in a file that was emptied under him, leaves a hole before it: no output of his. */
  #withoutHole(bytes: Buffer): Buffer {
    const first = bytes.findIndex((byte) => byte !== 0)
    const hole = first === -1 ? bytes.length : first
    const isHole = this.#inHole || hole >= HOLE_MIN_BYTES
    this.#inHole = isHole && hole === bytes.length
    return isHole ? bytes.subarray(hole) : bytes
  }

  #add(text: string): string[] {
    if (text === '') return []
    this.#isLineOpen = true
    this.#pending += this.#stream.write(text)
    const full: string[] = []
    for (; this.#pending.length > FOREIGN_LINE_MAX; this.#pending = this.#pending.slice(FOREIGN_LINE_MAX)) {
      full.push(this.#clean(this.#pending.slice(0, FOREIGN_LINE_MAX)))
    }
    return full
  }

  #endLine(): string[] {
    this.#pending += this.#stream.end()
    const line = this.#pending
    this.#pending = ''
    this.#isLineOpen = false
    const pieces = line.match(PIECES) ?? ['']
    return pieces.map((piece) => this.#clean(piece))
  }

  #clean(line: string): string {
    return this.#redact(foreignLine(line))
  }
}

const HOLE_MIN_BYTES = 4096

const PIECES = new RegExp(`[^]{1,${FOREIGN_LINE_MAX}}`, 'g')
