import { createPrivateKey, createPublicKey, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto'
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export type AuditKey = { readonly privateKey: KeyObject; readonly publicKey: KeyObject }

/**
 * The key that signs checkpoints, from `<folder>/audit-key.pem`; made at the first call, readable by its owner only.
 * Whoever has this file can sign a forged log: give auditors the public key, on another way than the log.
 */
export async function openAuditKey(folder: string): Promise<AuditKey> {
  const file = join(folder, 'audit-key.pem')
  await mkdir(folder, { recursive: true })
  if ((await stat(file).catch(() => null)) === null) await create(file)
  const { mode } = await stat(file)
  if ((mode & 0o077) !== 0) {
    throw new Error(`${file} can be read by others, who could sign a forged log: run "chmod 600 ${file}"`)
  }
  try {
    const privateKey = createPrivateKey(await readFile(file))
    if (privateKey.asymmetricKeyType !== 'ed25519')
      throw new Error(`it holds a key of type ${privateKey.asymmetricKeyType}`)
    return { privateKey, publicKey: createPublicKey(privateKey) }
  } catch (error) {
    const message = `${file} is not an Ed25519 private key in PEM form: restore it from a backup (${(error as Error).message})`
    throw new Error(message, { cause: error })
  }
}

async function create(file: string): Promise<void> {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' })
  const own = `${file}.${process.pid}`
  await writeFile(own, pem, { mode: 0o600 })
  try {
    // Of two who start at once, the first one's key is everybody's.
    await link(own, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(own, { force: true })
  }
}

/** A key for one purpose, out of the one in the file: so there is one file to keep, to back up, and to give to a second host. */
export function keyFor(purpose: string, { privateKey }: AuditKey): Uint8Array {
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' })
  return new Uint8Array(hkdfSync('sha256', secret, '', `stellwerk/${purpose}`, 32))
}
