import type { Server } from 'node:http'
import { Server as NetServer } from 'node:net'

/** An idle connection may still bring a request that was on its way; after this long it is closed. */
const IDLE_GRACE_MS = 500
/** Whatever is still in flight then is cut off, and the exit code says so. */
const DEADLINE_MS = 10_000

/**
 * Stops accepting, lets every request in flight finish, and resolves to whether all did. `http.Server.close` would cut
 * idle keep-alive connections at once, and with them requests already on the wire; closing only the listening socket
 * does not.
 */
export function drain(server: Server): Promise<boolean> {
  return new Promise((resolve) => {
    // Again and again: a connection that turns idle without having been told to close would hold us to the deadline.
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_GRACE_MS)
    const deadline = setTimeout(() => finish(false), DEADLINE_MS)
    function finish(finished: boolean): void {
      clearInterval(idle)
      clearTimeout(deadline)
      server.closeAllConnections()
      resolve(finished)
    }
    NetServer.prototype.close.call(server, () => finish(true))
  })
}
