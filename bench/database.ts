/** A PostgreSQL of the benchmark's own, with the settings that releases run on: every commit is on the disk. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '../src/store/embedded/index.ts'

/** Ended and removed when `work` is done, whatever happens. */
export async function withDatabase<T>(work: (connectionString: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'stellwerk-bench-'))
  // The database runs as another user when we are root.
  await chmod(folder, 0o755)
  try {
    const server = await startEmbedded({ folder, log: () => undefined })
    try {
      return await work(server.adminUrl)
    } finally {
      await server.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
