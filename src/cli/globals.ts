import { dirname, resolve } from 'node:path'
import { parseDuration } from './duration.ts'
import type { Io } from './io.ts'
import { LANGUAGES, type Language, languageOf } from './messages.ts'
import { type Globals, type OptionSpec, usageError } from './verb.ts'

/** Options that every verb takes, before it or after it. */
export const GLOBAL_OPTIONS = {
  environment: { flags: '-e, --environment <name>', description: 'The environment meant' },
  service: { flags: '--service <name>', description: 'The service meant' },
  file: { flags: '-f, --file <path>', description: 'The spec', default: 'stellwerk.yaml' },
  yes: { flags: '-y, --yes', description: 'Do not ask; demanded where nobody can be asked' },
  json: { flags: '--json', description: 'Data on stdout, one JSON text per line; of a rollout, its very events' },
  wait: { flags: '--no-wait', description: 'Do not wait for people or for other rollouts' },
  timeout: {
    flags: '--timeout <duration>',
    description: 'Watch at most this long, for example 30m; the rollout goes on',
  },
  quiet: { flags: '-q, --quiet', description: 'No progress on stderr' },
  lang: { flags: '--lang <en|de>', description: 'Language of what is shown; default from LANG' },
  server: {
    flags: '--server <url>',
    description: 'The control plane; default STELLWERK_URL, or the one that "up" started',
  },
  data: { flags: '--data <folder>', description: 'Data folder; default STELLWERK_DATA, or .stellwerk beside the spec' },
} as const satisfies Record<string, OptionSpec>

/** Variables that take the place of options. */
export const ENVIRONMENT_VARIABLES: Readonly<Record<string, string>> = {
  STELLWERK_URL: 'Address of the control plane; --server wins.',
  STELLWERK_TOKEN: 'The token to use. Without it, the local token is used for the control plane of this machine.',
  STELLWERK_DATA: 'The data folder; --data wins.',
  DATABASE_URL: 'PostgreSQL of the control plane ("up"); without it, an embedded one in the data folder.',
  NO_COLOR: 'Any value: no colours.',
  CI: 'Any value: no block that is redrawn, lines only.',
  LANG: 'de…: German. LC_ALL and LC_MESSAGES go before it; --lang wins.',
}

export type RawOptions = Readonly<Record<string, unknown>>

export function globalsOf(raw: RawOptions, io: Pick<Io, 'cwd' | 'env'>): Globals {
  const text = (key: string): string | null => (typeof raw[key] === 'string' && raw[key] !== '' ? raw[key] : null)
  const file = text('file') ?? GLOBAL_OPTIONS.file.default
  const timeout = text('timeout')
  const data = text('data') ?? io.env['STELLWERK_DATA']
  return {
    environment: text('environment'),
    service: text('service'),
    file,
    yes: raw['yes'] === true,
    json: raw['json'] === true,
    wait: raw['wait'] !== false,
    timeoutMs: timeout === null ? null : parseDuration(timeout, '--timeout'),
    quiet: raw['quiet'] === true,
    server: text('server') ?? io.env['STELLWERK_URL'] ?? null,
    dataFolder: data ? resolve(io.cwd, data) : resolve(dirname(resolve(io.cwd, file)), '.stellwerk'),
  }
}

export function languageFrom(raw: RawOptions, io: Pick<Io, 'env'>): Language {
  const wanted = raw['lang']
  if (wanted === undefined) return languageOf(io.env)
  const found = LANGUAGES.find((language) => language === wanted)
  if (found) return found
  throw usageError(`--lang "${String(wanted)}" is not spoken here`, `known are ${LANGUAGES.join(' and ')}`, '--lang en')
}
