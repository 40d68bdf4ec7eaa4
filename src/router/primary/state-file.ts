/**
 * `routes.json`: everything the router must know again after a crash.
 *
 * Written to a temporary file, synced, renamed; a moment later the same content again as
 * `routes.copy.json`. A
 * file whose checksum or JSON is broken is passed over for the copy, aloud. With neither readable, but one of them there,
 * the router refuses to start: booting empty would take every service off the air and call it success. A route that is
 * invalid on its own is set aside, reported and kept in the file.
 */
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { contradiction, RouteKey, DesiredRoute } from '../desired-route.ts'

const StoredRoute = z.strictObject({
  key: RouteKey,
  incarnation: z.int(),
  /** Counts how often each slot has come from weight 0; sessions are bound to one tenure. */
  tenure: z.strictObject({ blue: z.int(), green: z.int() }),
  /** Address in use, also when the desired route asked for port 0. */
  address: z.string(),
  desired: DesiredRoute,
})
export type StoredRoute = z.output<typeof StoredRoute>

const Body = z.strictObject({
  /** Signs the session cookies. */
  secret: z.string().min(16),
  incarnations: z.int(),
  routes: z.array(z.unknown()),
  /** Generations of removed routes: an old desired route must not bring one back. */
  removed: z.record(z.string(), z.int()),
})

const File = z.strictObject({ format: z.literal(1), sha256: z.string(), body: z.string() })

export type Rejected = { readonly raw: unknown; readonly why: string }

export type State = Omit<z.output<typeof Body>, 'routes'> & {
  readonly routes: readonly StoredRoute[]
  readonly rejected: readonly Rejected[]
}

export type Loaded =
  | { readonly ok: true; readonly state: State; readonly notes: readonly string[] }
  | { readonly ok: false; readonly message: string }

export const MAIN = 'routes.json'
export const COPY = 'routes.copy.json'

export function loadState(dir: string): Loaded {
  const notes: string[] = []
  for (const name of [MAIN, COPY]) {
    const read = readOne(join(dir, name))
    if (read === null) continue
    if ('why' in read) notes.push(`${join(dir, name)} cannot be used: ${read.why}`)
    else
      return {
        ok: true,
        state: read.state,
        notes: [...notes, ...(name === COPY ? [fellBack(dir)] : []), ...setAside(read.state)],
      }
  }
  if (notes.length === 0) return { ok: true, state: emptyState(), notes: [] }
  return { ok: false, message: unreadable(dir, notes) }
}

export function emptyState(): State {
  return { secret: randomBytes(24).toString('base64url'), incarnations: 0, routes: [], removed: {}, rejected: [] }
}

/**
 * Returns once the state would survive a power cut; throws when the disk refuses. In one go, without yielding: the primary
 * serves no traffic, and on a busy machine eight hops through a thread pool take longer than the writing.
 */
export function saveState(dir: string, state: State): void {
  const { rejected, ...rest } = state
  const body = JSON.stringify({ ...rest, routes: [...state.routes, ...rejected.map(({ raw }) => raw)] })
  writeDurably(dir, MAIN, `${JSON.stringify({ format: 1, sha256: digest(body), body })}\n`)
}

/** Makes the last-known-good copy from what is on disk now. */
export function copyState(dir: string): void {
  writeDurably(dir, COPY, readFileSync(join(dir, MAIN), 'utf8'))
}

function writeDurably(dir: string, name: string, text: string): void {
  const temporary = join(dir, `${name}.new`)
  withFile(temporary, 'w', (file) => {
    writeFileSync(file, text)
    fsyncSync(file)
  })
  renameSync(temporary, join(dir, name))
  withFile(dir, 'r', fsyncSync)
}

function withFile(path: string, flags: 'r' | 'w', work: (file: number) => void): void {
  const file = openSync(path, flags, 0o600)
  try {
    work(file)
  } finally {
    closeSync(file)
  }
}

/** Null when the file is not there. */
function readOne(path: string): { readonly state: State } | { readonly why: string } | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? null : { why: message }
  }
  try {
    const file = File.parse(JSON.parse(text))
    if (digest(file.body) !== file.sha256) return { why: 'its checksum does not match its content' }
    return { state: toState(Body.parse(JSON.parse(file.body))) }
  } catch (error) {
    return { why: error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message }
  }
}

function toState(body: z.output<typeof Body>): State {
  const routes: StoredRoute[] = []
  const rejected: Rejected[] = []
  for (const raw of body.routes) {
    const parsed = StoredRoute.safeParse(inTodaysWords(raw))
    const why = parsed.success ? contradiction(parsed.data.desired) : z.prettifyError(parsed.error)
    if (parsed.success && why === null) routes.push(parsed.data)
    else rejected.push({ raw, why: why ?? '' })
  }
  return { ...body, routes, rejected }
}

/** 0.1.0 called the desired route `wish`. */
function inTodaysWords(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || !('wish' in raw)) return raw
  const { wish, ...rest } = raw
  return { ...rest, desired: wish }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function fellBack(dir: string): string {
  return `started from ${join(dir, COPY)}: the last change may be missing; compare GET /routes with what was asked for`
}

function setAside({ rejected }: State): string[] {
  return rejected.map(({ raw, why }) => `route set aside, the others are served: ${why} in ${JSON.stringify(raw)}`)
}

function unreadable(dir: string, notes: readonly string[]): string {
  return `The saved routes cannot be read, and starting without them would serve nothing.
${notes.map((note) => `  ${note}`).join('\n')}
Now serving: nothing from this router.
Fix: restore ${join(dir, MAIN)} from a backup; or, to begin with no routes at all, remove ${MAIN} and ${COPY} from ${dir}.`
}
