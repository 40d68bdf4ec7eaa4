/** `tokens.json`, where tokens stood before they stood in the database. */
import { quote, say } from '../../core/say.ts'
import { readFile, rename } from 'node:fs/promises'
import { StellwerkError } from '../../errors.ts'
import { CONTROL_PLANE, type StoredToken, type TokenStore } from '../../ports/identity.ts'

/**
 * Takes the tokens of an earlier version over, revoked ones as revoked, and puts the file aside. A start that was
 * interrupted in between goes on where it stopped. Answers how many were new.
 */
export async function importTokenFile(store: TokenStore, file: string): Promise<number> {
  const tokens = await readTokens(file)
  if (tokens === null) return 0
  const known = new Set((await store.list()).map(({ id }) => id))
  const missing = tokens.filter(({ id }) => !known.has(id))
  for (const token of missing) await store.insert(token, CONTROL_PLANE)
  await rename(file, `${file}.imported`)
  return missing.length
}

async function readTokens(file: string): Promise<readonly StoredToken[] | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return null
  try {
    const tokens: unknown = JSON.parse(text)
    if (Array.isArray(tokens) && tokens.every(isToken)) return tokens.map((token) => ({ ...EVERYWHERE, ...token }))
    throw new Error('not a list of tokens')
  } catch (error) {
    throw new StellwerkError(
      'usage',
      {
        what: say`cannot read the tokens in ${file}`,
        why: quote(error instanceof Error ? error.message : String(error)),
        fix: say`put back a good copy of ${file}, or move it away and create the tokens again`,
      },
      error,
    )
  }
}

const EVERYWHERE = { services: null, environments: null }

function isToken(token: unknown): token is Omit<StoredToken, 'services' | 'environments'> {
  const { id, hash } = (token ?? {}) as Partial<StoredToken>
  return typeof id === 'string' && typeof hash === 'string'
}
