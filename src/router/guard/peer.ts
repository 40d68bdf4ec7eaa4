/** The other end of an IPC channel: the process that started us, or one that we have started. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

export type Peer = ChildProcess | NodeJS.Process

export function tell<M extends object>(peer: Peer, message: M, handle?: unknown): void {
  if (peer.connected) peer.send?.(message, handle as never, {}, () => {})
}

/** The code, or the signal that ended it; null for a parent, of whom only the silence is heard. */
export async function endOf(peer: Peer): Promise<number | string | null> {
  if (peer === process) {
    if (process.connected) await once(process, 'disconnect')
    return null
  }
  const child = peer as ChildProcess
  if (child.exitCode === null && child.signalCode === null) {
    await Promise.race([once(child, 'exit'), once(child, 'error').catch((error: Error) => error)])
  }
  return child.exitCode ?? child.signalCode ?? 1
}
