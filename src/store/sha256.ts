import { hash } from 'node:crypto'

/** The hash of the log's Merkle tree. */
export function sha256(data: Uint8Array): Uint8Array {
  return hash('sha256', data, 'buffer')
}
