import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StellwerkError } from '../../errors.ts'
import type { StoredToken, TokenStore } from '../../ports/identity.ts'
import { MemoryTokenStore } from './memory-token-store.ts'

/**
 * Keeps tokens (hashes only) in one JSON file, 0600, replaced as a whole so that a crash leaves the old or the new one.
 * For one control plane process; several replicas need a store that they share.
 */
export async function openFileTokenStore(file: string): Promise<TokenStore> {
  const tokens = await readTokens(file)
  return new MemoryTokenStore(tokens, (wanted) => writePrivately(file, `${JSON.stringify(wanted, null, 2)}\n`))
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

async function readTokens(file: string): Promise<readonly StoredToken[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]'
    throw error
  })
  try {
    const tokens: unknown = JSON.parse(text)
    if (Array.isArray(tokens) && tokens.every((token) => typeof token?.hash === 'string')) return tokens
    throw new Error('not a list of tokens')
  } catch (error) {
    throw new StellwerkError(
      'usage',
      {
        what: `cannot read the tokens in ${file}`,
        why: error instanceof Error ? error.message : String(error),
        fix: `put back a good copy of ${file}, or remove it and create the tokens again`,
      },
      error,
    )
  }
}
