import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A new folder `stellwerk-<name>-…`, for the caller to remove. Everybody may walk in: as root, PostgreSQL runs as another
 * user, and a control plane whose folder is closed to that one keeps its database where no test would remove it.
 */
export async function temporaryFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `stellwerk-${name}-`))
  await chmod(folder, 0o755)
  return folder
}
