/**
 * Signed notes and checkpoints as in C2SP: signed-note and tlog-checkpoint, so that tools of others can check ours.
 *
 * ```
 * stellwerk/3f2a…
 * 1042
 * CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
 *
 * — stellwerk/3f2a… Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
 * ```
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

export type Checkpoint = {
  /** `stellwerk/<log id>`. */
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
}

/** `<name>+<key id>+<base64 of the type 1 and the Ed25519 key>`: what an auditor is given once, on another way. */
export type VerifierKey = string

const ED25519 = 1
/** The DER frame of an Ed25519 public key (RFC 8410); the 32 bytes of the key follow. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

export function verifierKey(name: string, publicKey: KeyObject): VerifierKey {
  const key = typed(publicKey)
  return `${name}+${keyId(name, key).toString('hex')}+${key.toString('base64')}`
}

export function signNote(text: string, name: string, privateKey: KeyObject): string {
  const id = keyId(name, typed(createPublicKey(privateKey)))
  const signature = Buffer.concat([id, sign(null, Buffer.from(text), privateKey)])
  return `${text}\n— ${name} ${signature.toString('base64')}\n`
}

/** The text that was signed, or what is wrong with the note. Signatures by other keys are ignored, as the format says. */
export function openNote(note: string, key: VerifierKey): { ok: true; text: string } | { ok: false; why: string } {
  const end = note.lastIndexOf('\n\n')
  if (end < 0 || !note.endsWith('\n')) return { ok: false, why: 'it is not a signed note' }
  const text = note.slice(0, end + 1)
  const why = keyProblem(key)
  if (why !== null) return { ok: false, why }
  const { name, id, bytes } = keyParts(key)
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI, bytes.subarray(1)]), format: 'der', type: 'spki' })
  for (const line of note
    .slice(end + 2)
    .trimEnd()
    .split('\n')) {
    const signature = ownSignature(line, name, id)
    if (signature === null) continue
    return verify(null, Buffer.from(text), publicKey, signature)
      ? { ok: true, text }
      : { ok: false, why: 'its signature does not fit its text' }
  }
  return { ok: false, why: `it is not signed by ${name}+${id}` }
}

/** Why a text is no verifier key; null: it is one. */
export function keyProblem(key: VerifierKey): string | null {
  const { name, id, bytes } = keyParts(key)
  if (bytes.length !== 33 || bytes[0] !== ED25519) return `"${key}" is not an Ed25519 verifier key`
  return keyId(name, bytes).toString('hex') === id ? null : `"${key}" has a key id that is not its own`
}

function keyParts(key: VerifierKey): { readonly name: string; readonly id: string; readonly bytes: Buffer } {
  // The last part is base64, which has plus signs of its own.
  const [, name = '', id = '', encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(key) ?? []
  return { name, id, bytes: Buffer.from(encoded, 'base64') }
}

function ownSignature(line: string, name: string, id: string): Buffer | null {
  const [dash, signer, encoded = ''] = line.split(' ')
  const bytes = Buffer.from(encoded, 'base64')
  const isOwn = dash === '—' && signer === name && bytes.subarray(0, 4).toString('hex') === id
  return isOwn ? bytes.subarray(4) : null
}

/** `beside`: lines under the root, which the format leaves to us. */
export function checkpointText({ origin, size, root }: Checkpoint, beside: readonly string[] = []): string {
  return [origin, size, Buffer.from(root).toString('base64'), ...beside].map((line) => `${line}\n`).join('')
}

/** Null when the text is not one of a checkpoint. Works on a note too: the signature is not looked at. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [origin = '', size = '', root = ''] = text.split('\n')
  const bytes = Buffer.from(root, 'base64')
  if (origin === '' || !/^(?:0|[1-9]\d{0,15})$/.test(size) || bytes.length !== 32) return null
  return { origin, size: Number(size), root: bytes }
}

function typed(publicKey: KeyObject): Buffer {
  const der = publicKey.export({ format: 'der', type: 'spki' })
  return Buffer.concat([Buffer.of(ED25519), der.subarray(SPKI.length)])
}

function keyId(name: string, key: Buffer): Buffer {
  return createHash('sha256').update(`${name}\n`).update(key).digest().subarray(0, 4)
}
