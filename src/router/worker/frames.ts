/**
 * Follows WebSocket frames (RFC 6455 §5.2) as they pass in one direction, so that a Close frame can be put between two
 * of them. It copies nothing and reads only the headers.
 */
export class FrameTracker {
  #header: number[] = []
  #payloadLeft = 0

  /** True between two frames: here a frame of our own may be inserted. */
  get atBoundary(): boolean {
    return this.#header.length === 0 && this.#payloadLeft === 0
  }

  feed(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const step = Math.min(this.#payloadLeft, chunk.length - at)
        this.#payloadLeft -= step
        at += step
      } else {
        this.#header.push(chunk[at++]!)
        this.#finishHeader()
      }
    }
  }

  #finishHeader(): void {
    const header = this.#header
    if (header.length < 2) return
    const short = header[1]! & 0x7f
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
    const maskBytes = header[1]! & 0x80 ? 4 : 0
    if (header.length < 2 + lengthBytes + maskBytes) return
    this.#payloadLeft =
      lengthBytes === 0 ? short : header.slice(2, 2 + lengthBytes).reduce((sum, byte) => sum * 256 + byte, 0)
    this.#header = []
  }
}

const GOING_AWAY = 1001

/** Close frame with status 1001; from a client it must be masked (here with a zero key, which changes nothing). */
export function closeFrame(masked: boolean): Buffer {
  const code = [GOING_AWAY >> 8, GOING_AWAY & 0xff]
  return Buffer.from(masked ? [0x88, 0x82, 0, 0, 0, 0, ...code] : [0x88, 0x02, ...code])
}
