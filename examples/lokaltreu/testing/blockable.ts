import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Blockable = {
  /** The same database, reached through here. */
  readonly url: string
  /** Blocks as a cut cable does: nothing gets through, nothing is refused, no connection ends. */
  block(): void
  unblock(): void
  close(): Promise<void>
}

/** A door in front of a database that can be blocked on purpose. */
export async function blockable(databaseUrl: string): Promise<Blockable> {
  const url = new URL(databaseUrl)
  const { port, hostname } = url
  const sockets = new Set<Socket>()
  let blocked = false
  function pipe(from: Socket, to: Socket): void {
    sockets.add(from)
    from.on('data', (data) => void (blocked || to.write(data)))
    from.on('error', () => {})
    from.on('close', () => to.destroy())
  }
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    pipe(near, far)
    pipe(far, near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    block: () => void (blocked = true),
    unblock: () => void (blocked = false),
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
