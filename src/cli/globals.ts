import { say, type Sentence, verbatim } from '../core/say.ts'
import { dirname, resolve } from 'node:path'
import { parseDuration } from './duration.ts'
import type { Io } from './io.ts'
import { LANGUAGES, type Language, languageOf } from '../text/languages.ts'
import { type GlobalKey, type Globals, type OptionSpec, usageError, type Verb } from './verb.ts'

/** Options that many verbs share, each under its heading of the help. */
export const GLOBAL_OPTIONS = {
  environment: {
    flags: '-e, --environment <name>',
    description: say`The environment`,
    names: 'environments',
    heading: say`Which service and environment:`,
  },
  service: {
    flags: '--service <name>',
    description: say`The service`,
    names: 'services',
    heading: say`Which service and environment:`,
  },
  file: {
    flags: '--file <path>',
    description: say`The spec`,
    default: 'stellwerk.yaml',
    heading: say`Which service and environment:`,
  },
  yes: { flags: '-y, --yes', description: say`Do not ask; required without a terminal`, heading: say`How it runs:` },
  wait: {
    flags: '--no-wait',
    description: say`Do not wait for people or for other rollouts`,
    heading: say`How it runs:`,
  },
  timeout: {
    flags: '--timeout <duration>',
    description: say`Watch for at most this long, for example 30m; the rollout continues`,
    heading: say`How it runs:`,
  },
  json: {
    flags: '--json',
    description: say`JSON on stdout, one value per line; of a rollout, its events as they are`,
    heading: say`What is shown:`,
  },
  quiet: { flags: '-q, --quiet', description: say`No progress on stderr`, heading: say`What is shown:` },
  lang: {
    flags: '--lang <en|de>',
    description: say`Language of what is shown; default from LANG`,
    choices: LANGUAGES,
    heading: say`What is shown:`,
  },
  server: {
    flags: '--server <url>',
    description: say`The control plane; default STELLWERK_URL, or the one that "up" started`,
    heading: say`Which control plane:`,
  },
  data: {
    flags: '--data <folder>',
    description: say`Data folder; default STELLWERK_DATA, or .stellwerk beside the spec`,
    heading: say`Which control plane:`,
  },
} as const satisfies Record<GlobalKey, OptionSpec & { readonly heading: Sentence }>

/** Have an effect on every verb. */
const EVERYWHERE: readonly GlobalKey[] = ['quiet', 'lang']

/** The shared options that a verb takes, in the order of the help. */
export function globalKeysOf({ takes, options = {} }: Pick<Verb, 'takes' | 'options'>): readonly GlobalKey[] {
  const keys = Object.keys(GLOBAL_OPTIONS) as GlobalKey[]
  return keys.filter((key) => !(key in options) && (!takes || takes.includes(key) || EVERYWHERE.includes(key)))
}

/** Variables that take the place of options. */
export const ENVIRONMENT_VARIABLES: Readonly<Record<string, Sentence>> = {
  STELLWERK_URL: say`Address of the control plane; --server wins.`,
  STELLWERK_TOKEN: say`The token to use. Without it, the local token is used for the control plane of this machine.`,
  STELLWERK_DATA: say`The data folder; --data wins.`,
  DATABASE_URL: say`PostgreSQL of the control plane ("up"); without it, an embedded one in the data folder.`,
  STELLWERK_MIGRATION_URL: say`Connection of the role that owns the tables, where DATABASE_URL names another one ("up", "down"); "doctor" says how to set them up.`,
  STELLWERK_PROMETHEUS_TOKEN: say`Bearer token for the Prometheus of "judge".`,
  STELLWERK_PROMETHEUS_LOGIN: say`USER:PASSWORD for the Prometheus of "judge", where it has no token.`,
  NO_COLOR: say`Any value: no colours.`,
  CI: say`Any value: lines only, no redrawn block.`,
  LANG: say`de…: German. LC_ALL and LC_MESSAGES take precedence; --lang wins.`,
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
    server: text('server') ?? (io.env['STELLWERK_URL'] || null),
    dataFolder: data ? resolve(io.cwd, data) : resolve(dirname(resolve(io.cwd, file)), '.stellwerk'),
  }
}

/** Before anything is parsed: for help, and for what is wrong with the command line itself. */
export function languageIn(argv: readonly string[], io: Pick<Io, 'env'>): Language {
  const at = argv.findIndex((word) => word === '--lang' || word.startsWith('--lang='))
  const given = at < 0 ? undefined : (argv[at]!.split('=')[1] ?? argv[at + 1])
  return LANGUAGES.find((language) => language === given) ?? languageOf(io.env)
}

export function languageFrom(raw: RawOptions, io: Pick<Io, 'env'>): Language {
  const wanted = raw['lang']
  if (wanted === undefined) return languageOf(io.env)
  const found = LANGUAGES.find((language) => language === wanted)
  if (found) return found
  throw usageError(
    say`--lang "${String(wanted)}" is not a language of this command`,
    say`it speaks ${LANGUAGES.join(' and ')}`,
    verbatim('--lang en'),
  )
}
