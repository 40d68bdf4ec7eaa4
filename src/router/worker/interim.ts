/**
 * What an upstream sends before its answer, put right for undici, which would break off:
 * - `100 Continue` is taken out. It may come unasked (RFC 9110 §15.2.1) and means nothing for the client, whose `Expect` the
 *   router has answered. Other interim answers pass as they are.
 * - A status line comes in one piece, whatever pieces it was sent in: undici keeps only the last one of a reason.
 */

/** `HTTP/1.1 1`: where the first digit of the status stands. */
const DIGIT_AT = 9
const STATUS_END = 12
const HEAD_MAX_BYTES = 65_536
const VERSION_AT = 4
const [ONE, H, SLASH, LINE_FEED] = [0x31, 0x48, 0x2f, 0x0a]

export class InterimFilter {
  #held: Buffer | null = null
  /** Until the head of the answer itself has begun. */
  #isLooking = true

  get isLooking(): boolean {
    return this.#isLooking
  }

  /** An answer is due: looks again. */
  expect(): void {
    this.#isLooking = true
  }

  /** What of the stream so far goes on; empty while it is not clear. */
  pass(chunk: Buffer): Buffer {
    const data = this.#held === null ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = null
    const kept: Buffer[] = []
    let at = 0
    while (at < data.length) {
      const end = this.#interimEnd(data, at)
      if (end === at) break
      if (!isContinue(data, at)) kept.push(data.subarray(at, end))
      at = end
    }
    if (at === 0 && !this.#isLooking) return data
    if (at < data.length && this.#isLooking) this.#held = Buffer.from(data.subarray(at))
    else if (at < data.length) kept.push(data.subarray(at))
    return kept.length === 1 ? kept[0]! : Buffer.concat(kept)
  }

  /** What was held back when the stream ended. */
  rest(): Buffer | null {
    const held = this.#held
    this.#held = null
    return held
  }

  /** End of the interim head that begins at `at`; `at` itself when there is none, or not all of one yet. */
  #interimEnd(data: Buffer, at: number): number {
    const isBegun = data.length - at > DIGIT_AT
    if (isBegun && (data[at + DIGIT_AT] !== ONE || data[at] !== H || data[at + VERSION_AT] !== SLASH)) {
      this.#isLooking = data.indexOf(LINE_FEED, at) < 0
    }
    if (data.length - at > HEAD_MAX_BYTES) this.#isLooking = false
    if (!isBegun || !this.#isLooking) return at
    // 101 is no interim answer but the last one.
    const end = data.indexOf('\r\n\r\n', at, 'latin1')
    if (end >= 0 && status(data, at) === '101') this.#isLooking = false
    return end < 0 || !this.#isLooking || data[at + DIGIT_AT] !== ONE ? at : end + 4
  }
}

function status(data: Buffer, at: number): string {
  return data.toString('latin1', at + DIGIT_AT, at + STATUS_END)
}

function isContinue(data: Buffer, at: number): boolean {
  return status(data, at) === '100'
}
