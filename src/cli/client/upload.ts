/**
 * Hands content over to a control plane: what it consists of first, then its bytes in parts, each from where the control
 * plane says that it stands. Whatever breaks in between costs at most one part.
 */
import { ContentReader } from '../../adapters/artifact-store/content-reader.ts'
import { type Manifest, manifestText } from '../../adapters/artifact-store/manifest.ts'
import { say, type Told } from '../../core/say.ts'
import { StellwerkError } from '../../errors.ts'
import type { ContentState } from '../../ports/contents.ts'
import { delay } from '../../timers.ts'
import type { Client } from './client.ts'

export type Upload = {
  readonly client: Pick<Client, 'get' | 'send'>
  readonly service: string
  /** For people: which component it is. */
  readonly name: string
  readonly root: string
  readonly manifest: Manifest
  /** How far it has come, bytes. */
  readonly came: (receivedBytes: number) => void
  /** It does not go on, and is tried again. */
  readonly waits: (why: Told) => void
  /** So long without a byte that went on, and it gives up, ms. */
  readonly patienceMs: number
}

/** True: something of it was sent; false: the control plane had it already. */
export async function handOver(upload: Upload): Promise<boolean> {
  const reader = new ContentReader(upload.root, upload.manifest)
  try {
    return await sendAll(upload, reader)
  } finally {
    await reader.close()
  }
}

/** A part takes about a second, so that progress is seen and little is lost with a connection. */
const PART_MIN = 2 ** 18
const PART_FIRST = 2 ** 21
const PART_MAX = 2 ** 24
const QUICK_MS = 500
const SLOW_MS = 4000
const AGAIN_MS = 500

/** Where an upload stands. */
type Course = {
  /** Null: to be asked for. */
  state: ContentState | null
  partBytes: number
  /** When a byte went on, by `performance.now()`. */
  movedAt: number
  answered: boolean
}

async function sendAll(upload: Upload, reader: ContentReader): Promise<boolean> {
  const course: Course = { state: null, partBytes: PART_FIRST, movedAt: performance.now(), answered: false }
  for (let sent = false; ; sent = true) {
    try {
      course.state ??= await announced(upload)
      course.answered = true
      if (course.state.state === 'kept') return sent
      await sendPart(upload, reader, course)
    } catch (error) {
      await afterFailure(upload, course, error)
    }
  }
}

async function sendPart(upload: Upload, reader: ContentReader, course: Course): Promise<void> {
  const { receivedBytes } = course.state!
  upload.came(receivedBytes)
  const from = performance.now()
  course.state = await append(upload, receivedBytes, await reader.read(receivedBytes, course.partBytes))
  if (course.state.state !== 'kept' && course.state.receivedBytes <= receivedBytes) throw notUnderstood(upload)
  course.movedAt = performance.now()
  const tookMs = course.movedAt - from
  if (tookMs < QUICK_MS) course.partBytes = Math.min(PART_MAX, course.partBytes * 2)
  if (tookMs > SLOW_MS) course.partBytes = Math.max(PART_MIN, course.partBytes / 2)
}

/** Throws what will not pass, or has not passed for too long; else the state is what the control plane says now. */
async function afterFailure(upload: Upload, course: Course, error: unknown): Promise<void> {
  if (!mayPass(error)) throw error
  // Where nobody has answered yet, there may be nobody: the address may be mistyped.
  if (!course.answered && error.exit === 'unreachable') throw error
  const before = course.state?.receivedBytes ?? 0
  if (performance.now() - course.movedAt >= upload.patienceMs) throw gaveUp(error, upload, before)
  upload.waits(error.text.why)
  course.partBytes = Math.max(PART_MIN, course.partBytes / 2)
  await delay(AGAIN_MS)
  const now = await stateOf(upload).catch(() => null)
  if (now !== null && now.receivedBytes > before) course.movedAt = performance.now()
  course.state = now?.state === 'absent' ? null : now
}

async function announced(upload: Upload): Promise<ContentState> {
  const state = await stateOf(upload)
  if (state.state !== 'absent') return state
  const begun = await upload.client.send<ContentState>('PUT', pathOf(upload), {
    doing: say`hand over the content of ${upload.name}`,
    bytes: Buffer.from(manifestText(upload.manifest)),
    fixes: FIXES,
  })
  return understood(upload, begun)
}

async function stateOf(upload: Upload): Promise<ContentState> {
  const doing = say`hand over the content of ${upload.name}`
  return understood(upload, await upload.client.get<ContentState>(pathOf(upload), { doing }))
}

async function append(upload: Upload, offset: number, bytes: Uint8Array): Promise<ContentState> {
  const state = await upload.client.send<ContentState>('PATCH', pathOf(upload), {
    doing: say`hand over the content of ${upload.name}`,
    headers: { 'Upload-Offset': String(offset) },
    bytes,
    fixes: FIXES,
  })
  return understood(upload, state)
}

/** A proxy, or another server at that address, may answer 200 to anything. */
function understood(upload: Upload, state: ContentState): ContentState {
  const { state: said, receivedBytes } = (state ?? {}) as Partial<ContentState>
  const isPlace = Number.isSafeInteger(receivedBytes) && receivedBytes! >= 0 && receivedBytes! <= upload.manifest.bytes
  if (isPlace && (said === 'absent' || said === 'partial' || said === 'kept')) return state
  throw notUnderstood(upload)
}

function notUnderstood({ name }: Upload): StellwerkError {
  return new StellwerkError('unreachable', {
    what: say`cannot hand over the content of ${name}`,
    why: say`what answers there does not say how far it has come`,
    serving: say`unknown: control plane unreachable`,
    fix: say`check --server and STELLWERK_URL`,
  })
}

const FIXES = {
  invalid: say`pin it when its build has ended, and nothing changes it any more`,
  'too-large': say`leave out what does not run, or have an administrator start it with a larger --artifact-limit`,
}

function pathOf({ service, manifest }: Upload): string {
  return `/contents/${service}/${manifest.digest}`
}

/** A connection that broke, a control plane that is started again, somebody else who sends the same. */
function mayPass(error: unknown): error is StellwerkError {
  return error instanceof StellwerkError && (error.exit === 'unreachable' || error.exit === 'failed')
}

function gaveUp({ text, exit }: StellwerkError, { name, manifest }: Upload, receivedBytes: number): StellwerkError {
  return new StellwerkError(exit, {
    ...text,
    what: say`the content of ${name} did not get through: ${receivedBytes} of ${manifest.bytes} bytes are there`,
    fix: say`give the same command again when that is mended; it goes on where it was`,
  })
}
