/** Signatures of Standard Webhooks 1.0.0: HMAC-SHA-256 over `id.timestamp.body`, one per secret. */
import { createHmac } from 'node:crypto'

/** One `whsec_…`, or several while they are exchanged. */
export const SIGNING_SECRETS = /^whsec_[A-Za-z0-9+/]+={0,2}(\s+whsec_[A-Za-z0-9+/]+={0,2})*$/
const BYTES_MIN = 24
const BYTES_MAX = 64

export type Signed = { readonly id: string; readonly timestamp: number; readonly body: string }

/** Value of the header `webhook-signature`; null where a secret is too short or too long. */
export function signature(secrets: string, { id, timestamp, body }: Signed): string | null {
  const keys = secrets.split(/\s+/).map((secret) => Buffer.from(secret.slice('whsec_'.length), 'base64'))
  if (keys.some(({ length }) => length < BYTES_MIN || length > BYTES_MAX)) return null
  const sign = (key: Buffer) => createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return keys.map((key) => `v1,${sign(key)}`).join(' ')
}
