import { rm } from 'node:fs/promises'
import { startEmbedded } from '../../../src/store/embedded/index.ts'
import { temporaryFolder } from '../../../src/testing/temporary-folder.ts'

export type Database = {
  readonly url: string
  /** Stops the server and keeps its data; `start` brings it back under the same URL. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Stops the server and deletes its data. */
  remove(): Promise<void>
}

/** A real PostgreSQL of its own in a temporary folder, ready to serve. */
export async function startDatabase(): Promise<Database> {
  const folder = await temporaryFolder('lokaltreu-db')
  // Nothing here has to survive a power cut.
  const settings = { fsync: 'off' }
  const start = () => startEmbedded({ folder, log: () => undefined, settings })
  let server = await start()
  return {
    url: server.adminUrl,
    stop: () => server.stop(),
    async start() {
      server = await start()
    },
    async remove() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
