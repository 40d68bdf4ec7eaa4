import { rmSync } from 'node:fs'
import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const made = new Set<string>()

process.once('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

/**
 * A new folder `stellwerk-<name>-…`, removed when the process ends where the caller has not done so. Everybody may walk in: as
 * root, PostgreSQL runs as another user, and a control plane whose folder is closed to that one keeps its database where no
 * test would remove it.
 */
export async function temporaryFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `stellwerk-${name}-`))
  made.add(folder)
  await chmod(folder, 0o755)
  return folder
}
