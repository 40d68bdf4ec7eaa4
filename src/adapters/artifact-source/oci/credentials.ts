/**
 * Who we are at a registry, as the person who pins has told Docker or Podman (`docker login`, `podman login`): the files of
 * both, and the helpers that keep it in a keyring.
 */
import { z } from 'zod'
import { failure, ok, type Result } from '../../../ports/result.ts'
import { parsed } from './json.ts'

export type Credential =
  | { readonly user: string; readonly password: string }
  /** What an OAuth2 login has left: it is exchanged for a token at the registry's realm. */
  | { readonly identityToken: string }

export type Keyring = {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Null where there is no such file. */
  readonly readFile: (path: string) => Promise<string | null>
  /** `docker-credential-NAME get`, the host on its input; what it prints, or null when it ended otherwise than with 0. */
  readonly helper: (name: string, host: string) => Promise<string | null>
}

const Auth = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
})
const Config = z.object({
  auths: z.record(z.string(), Auth).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().optional(),
})
const Helped = z.object({ Username: z.string(), Secret: z.string() })

/** In the order of their weight; the first that knows the registry wins. */
function files({ env }: Keyring): readonly string[] {
  const { REGISTRY_AUTH_FILE: named, DOCKER_CONFIG: docker, XDG_RUNTIME_DIR: runtime, HOME: home } = env
  const ofDocker = docker ?? (home && `${home}/.docker`)
  return [named, runtime && `${runtime}/containers/auth.json`, ofDocker && `${ofDocker}/config.json`].flatMap(
    (file) => file || [],
  )
}

/** Null when nobody has logged in there: most registries then let us read what is public. */
export async function credentialFor(
  keyring: Keyring,
  { registry, repository }: { readonly registry: string; readonly repository: string },
): Promise<Result<Credential | null>> {
  for (const file of files(keyring)) {
    const text = await keyring.readFile(file)
    if (text === null) continue
    const config = Config.safeParse(parsed(text))
    if (!config.success) return failure('permanent', `${file} is no configuration of Docker or Podman`)
    const found = await inConfig(keyring, config.data, registry, repository)
    if (found === 'unreadable')
      return failure(
        'permanent',
        `what ${file} holds for ${registry} cannot be read: log in again, "docker login ${registry}"`,
      )
    if (found !== null) return ok(found)
  }
  return ok(null)
}

async function inConfig(
  { helper }: Keyring,
  { auths, credHelpers, credsStore }: z.output<typeof Config>,
  registry: string,
  repository: string,
): Promise<Credential | 'unreadable' | null> {
  const names = spellings(registry)
  const program = names.map((name) => credHelpers[name]).find((name) => name !== undefined) ?? credsStore
  if (program !== undefined) {
    if (!/^[\w.-]+$/.test(program)) return 'unreadable'
    for (const name of names) {
      const printed = await helper(program, name)
      if (printed !== null) return ofHelper(printed)
    }
  }
  const keys = [...namespaces(registry, repository), ...names]
  const key = keys.find((name) => auths[name] !== undefined && Object.keys(auths[name]).length > 0)
  return key === undefined ? null : ofAuth(auths[key]!)
}

/** Docker keeps Docker Hub under the address of an API that is no more. */
function spellings(registry: string): readonly string[] {
  const hub = registry === 'docker.io' || registry === 'index.docker.io'
  return hub
    ? ['https://index.docker.io/v1/', 'docker.io']
    : [registry, `https://${registry}`, `https://${registry}/v1/`]
}

/** Podman keeps logins for parts of a registry, the longest first: `host/team/api`, `host/team`. */
function namespaces(registry: string, repository: string): readonly string[] {
  const parts = repository.split('/')
  return parts.map((_, index) => [registry, ...parts.slice(0, parts.length - index)].join('/'))
}

function ofAuth({ auth, username, password, identitytoken }: z.output<typeof Auth>): Credential | 'unreadable' {
  if (identitytoken) return { identityToken: identitytoken }
  if (username !== undefined && password !== undefined) return { user: username, password }
  const text = Buffer.from(auth ?? '', 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 1 ? 'unreadable' : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** The user name `<token>` says that the secret is an identity token. */
function ofHelper(printed: string): Credential | 'unreadable' {
  const helped = Helped.safeParse(parsed(printed))
  if (!helped.success) return 'unreadable'
  const { Username: user, Secret: secret } = helped.data
  return user === '<token>' ? { identityToken: secret } : { user, password: secret }
}
