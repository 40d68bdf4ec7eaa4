import { readFile, mkdir, open, rename } from 'node:fs/promises'
import { join, dirname } from 'node:path'
import { CONTROL_PLANE, type Tokens } from '../../ports/identity.ts'

export const LOCAL_TOKEN_FILE = 'local-token'

/**
 * The token by which whoever can read `<data>/local-token` (0600) administers the control plane of this machine. Made at
 * the first start, and again when the one in the file is no longer valid.
 */
export async function ensureLocalToken(tokens: Tokens, dataFolder: string): Promise<string> {
  const file = join(dataFolder, LOCAL_TOKEN_FILE)
  const known = (await readFile(file, 'utf8').catch(() => '')).trim()
  if (known !== '' && (await tokens.authenticate(known)) !== null) return known
  const request = { name: 'local administration', person: 'person:local-admin', roles: [], expiresAt: null }
  const issued = await tokens.issue({ ...request, scopes: ['admin'] }, CONTROL_PLANE)
  if (!issued.ok) throw new Error(issued.problems.map(({ where, message }) => `${where} ${message}`).join('; '))
  await writePrivately(file, `${issued.value.secret}\n`)
  return issued.value.secret
}

/** Writes `text` readable by the owner only: beside the file, flushed, then renamed over it. */
export async function writePrivately(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const beside = `${file}.${process.pid}.new`
  const handle = await open(beside, 'w', 0o600)
  try {
    await handle.chmod(0o600)
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, file)
}
