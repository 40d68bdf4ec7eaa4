/** The data folder, made where it is not there yet. Others may pass through it (PostgreSQL runs as a user of its own), not look in. */
import { quote, say } from '../core/say.ts'
import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StellwerkError } from '../errors.ts'

/** Answers the topmost folder that was made, or undefined. Throws what to do where it cannot be made. */
export async function makeDataFolder(folder: string): Promise<string | undefined> {
  try {
    return await make(folder)
  } catch (error) {
    const why = quote(error instanceof Error ? error.message : String(error))
    const fix = say`name a folder that can be written to: --data FOLDER, or STELLWERK_DATA`
    throw new StellwerkError('failed', { what: say`cannot make the data folder ${folder}`, why, fix }, error)
  }
}

/**
 * One after the other: Node's own `recursive` runs for ever where a folder is there and none can be made in it (/proc), and says
 * ENOENT of a file system that is read-only.
 */
async function make(folder: string): Promise<string | undefined> {
  const found = await stat(folder).catch(() => null)
  if (found?.isDirectory()) return undefined
  const above = dirname(folder)
  const made = above === folder ? undefined : await make(above)
  try {
    await mkdir(folder, { mode: 0o711 })
  } catch (error) {
    const isThere = await stat(folder).catch(() => null)
    if (isThere?.isDirectory()) return made
    throw error
  }
  return made ?? folder
}
