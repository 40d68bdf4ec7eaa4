import { say, verbatim } from '../../core/say.ts'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StellwerkError } from '../../errors.ts'

/** Written by `up` beside its data: `{ "url": "http://127.0.0.1:7070", "pid": 4711 }`. */
export const CONTROL_PLANE_FILE = 'control-plane.json'
const LOCAL_TOKEN_FILE = 'local-token'

export type ControlPlaneFile = { readonly url: string; readonly pid: number }

export type Connection = { readonly url: string; readonly token: string }

export type ConnectionOptions = {
  /** `--server` or STELLWERK_URL. */
  readonly server: string | null
  /** STELLWERK_TOKEN. */
  readonly token: string | null
  readonly dataFolder: string
  /** How a CI job gets a token; null elsewhere. */
  readonly logIn?: ((url: string) => Promise<{ readonly secret: string }>) | null
}

/**
 * Where the control plane is and with which token to speak to it. Looked up again for every connection, because one that
 * was restarted may listen elsewhere. The local token is given to the local control plane only, never to a server that
 * somebody named.
 */
export async function findConnection(options: ConnectionOptions): Promise<Connection> {
  const { server, token, dataFolder, logIn = null } = options
  const url = await serverOf(options)
  const local = server === null ? null : await readControlPlaneFile(dataFolder)
  const isLocal = server === null || (local !== null && new URL(local.url).origin === new URL(url).origin)
  const secret = token ?? (isLocal ? await localToken(dataFolder) : null) ?? (await logIn?.(url))?.secret ?? null
  if (secret === null) throw noToken(url)
  return { url: url.replace(/\/+$/, ''), token: secret }
}

export async function serverOf({
  server,
  dataFolder,
}: Pick<ConnectionOptions, 'server' | 'dataFolder'>): Promise<string> {
  const url = server === null ? (await readControlPlaneFile(dataFolder))?.url : checkedUrl(server)
  if (url === undefined) throw noControlPlane(dataFolder)
  return url
}

export async function readControlPlaneFile(dataFolder: string): Promise<ControlPlaneFile | null> {
  try {
    const found: unknown = JSON.parse(await readFile(join(dataFolder, CONTROL_PLANE_FILE), 'utf8'))
    const { url, pid } = found as Partial<ControlPlaneFile>
    return typeof url === 'string' && URL.canParse(url) && typeof pid === 'number' ? { url, pid } : null
  } catch {
    return null
  }
}

async function localToken(dataFolder: string): Promise<string | null> {
  const text = await readFile(join(dataFolder, LOCAL_TOKEN_FILE), 'utf8').catch(() => '')
  return text.trim() || null
}

function checkedUrl(server: string): string {
  const url = /^https?:\/\//.test(server) ? URL.parse(server) : null
  if (url !== null && url.username === '' && url.password === '') return server
  if (url !== null) {
    const why = say`it contains a user name or password, which would be shown; the control plane takes tokens`
    throw new StellwerkError('usage', {
      what: say`the address of ${url.host} cannot be used as it is`,
      why,
      fix: say`STELLWERK_TOKEN=… and --server ${url.origin}`,
    })
  }
  throw new StellwerkError('usage', {
    what: say`"${server}" is not the address of a control plane`,
    why: say`it must be an http or https URL`,
    fix: say`for example: --server http://127.0.0.1:7070`,
  })
}

function noControlPlane(dataFolder: string): StellwerkError {
  return new StellwerkError('unreachable', {
    what: say`no control plane found`,
    why: say`neither --server nor STELLWERK_URL is given, and ${join(dataFolder, CONTROL_PLANE_FILE)} names none`,
    serving: say`unknown: control plane unreachable`,
    fix: verbatim('stellwerk up'),
  })
}

function noToken(url: string): StellwerkError {
  return new StellwerkError('notAllowed', {
    what: say`no token for ${url}`,
    why: say`STELLWERK_TOKEN is not set, and the local token is only for the control plane of this machine`,
    serving: say`unknown: not allowed to ask`,
    fix: say`export STELLWERK_TOKEN=…; an administrator makes one with "stellwerk token create"`,
  })
}
