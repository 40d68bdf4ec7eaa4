/** An instance that exposes a native histogram, which travels only as protobuf: `io.prometheus.client.MetricFamily`. */
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

export type NativeExporter = {
  readonly address: string
  /** So many more of about 1 s in each slot. */
  serve(requests: number): void
  close(): void
}

export async function startNativeExporter(name: string): Promise<NativeExporter> {
  let requests = 0
  const server = http.createServer((_, res) => {
    const family = [
      ...text(1, name),
      ...number(3, HISTOGRAM),
      ...histogram('blue', requests),
      ...histogram('green', requests),
    ]
    res.setHeader('content-type', TYPE)
    res.end(Buffer.from([...varint(BigInt(family.length)), ...family]))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: (more) => (requests += more),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const TYPE = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited'
/** The type of a family, and the factor of 2^(1/8) between its buckets. */
const HISTOGRAM = 4
const SCHEMA = 3

/** All of them in bucket 0, which is `(0.917, 1]` seconds. */
function histogram(slot: string, count: number): number[] {
  const span = message(12, [...number(1, zigzag(0)), ...number(2, 1)])
  const deltas = message(13, varint(zigzag(count)))
  const body = [
    ...number(1, count),
    ...double(2, count),
    ...number(5, zigzag(SCHEMA)),
    ...double(6, 1e-6),
    ...number(7, 0),
  ]
  return message(4, [
    ...message(1, [...text(1, 'slot'), ...text(2, slot)]),
    ...message(7, [...body, ...span, ...deltas]),
  ])
}

function varint(value: bigint): number[] {
  return value < 0x80n ? [Number(value)] : [Number(value & 0x7fn) | 0x80, ...varint(value >> 7n)]
}

function zigzag(value: number): bigint {
  return value >= 0 ? BigInt(value) * 2n : BigInt(-value) * 2n - 1n
}

function tag(field: number, wire: number): number[] {
  return varint(BigInt(field * 8 + wire))
}

function number(field: number, value: number | bigint): number[] {
  return [...tag(field, 0), ...varint(BigInt(value))]
}

function double(field: number, value: number): number[] {
  return [...tag(field, 1), ...new Uint8Array(new Float64Array([value]).buffer)]
}

function message(field: number, bytes: readonly number[]): number[] {
  return [...tag(field, 2), ...varint(BigInt(bytes.length)), ...bytes]
}

function text(field: number, value: string): number[] {
  return message(field, [...new TextEncoder().encode(value)])
}
