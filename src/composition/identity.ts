/** Who may call: tokens in the database, the local token beside it, and what keeps both up to date while we run. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { restrictedHttp } from '../adapters/http.ts'
import { createForgeTokens } from '../adapters/identity/forge/forge-tokens.ts'
import { ensureLocalToken } from '../adapters/identity/local-token.ts'
import { importTokenFile } from '../adapters/identity/token-file.ts'
import { createTokenStore } from '../adapters/identity/token-store.ts'
import { createTokens } from '../adapters/identity/tokens.ts'
import { type CiLogin, createCiLogin } from '../engine/ci-login.ts'
import { heldPolicies } from '../engine/policies.ts'
import type { Log } from '../ports/log.ts'
import type { Tokens } from '../ports/identity.ts'
import type { Store } from '../ports/store.ts'
import { keyFor, openAuditKey } from '../store/audit/key.ts'
import { systemClock } from './clock.ts'

/** A forge is asked for its keys, at the host that a policy in force names. */
const httpOf = (wanted: string) => restrictedHttp({ mayReach: (host) => host === wanted, fetch })

export type IdentityOptions = { readonly store: Store; readonly dataFolder: string; readonly log: Log }

export type OpenIdentity = {
  readonly tokens: Tokens
  readonly ciLogin: CiLogin
  readonly localToken: string
  /** Writes the last uses down first. */
  stop(): Promise<void>
}

export async function openIdentity({ store, dataFolder, log }: IdentityOptions): Promise<OpenIdentity> {
  const tokenStore = createTokenStore({ store, clock: systemClock })
  const imported = await importTokenFile(tokenStore, join(dataFolder, 'tokens.json'))
  if (imported > 0) log.info('tokens of tokens.json were taken over into the database', { imported })
  const secretKey = keyFor('token-secrets', await openAuditKey(join(dataFolder, 'keys')))
  const tokens = createTokens({ store: tokenStore, now: () => systemClock.now(), secretKey })
  const localToken = await ensureLocalToken(tokens, dataFolder)
  const ending = new AbortController()
  const failed = (error: unknown) => log.warn('tokens could not be read again', { error: String(error) })
  const running = tokenStore.keepFresh(ending.signal, failed)
  return {
    tokens,
    ciLogin: createCiLogin({
      policies: () => heldPolicies(store),
      forge: createForgeTokens({ httpOf, clock: systemClock }),
      tokens,
      now: () => systemClock.now(),
      unique: randomUUID,
    }),
    localToken,
    async stop() {
      ending.abort()
      await running
      await tokenStore.flush().catch(failed)
    },
  }
}
