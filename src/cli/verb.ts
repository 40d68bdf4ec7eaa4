import type { Sentence, Told } from '../core/say.ts'
import { StellwerkError } from '../errors.ts'
import type { Client } from './client/client.ts'
import type { Deps } from './deps.ts'
import type { Io } from './io.ts'
import type { Messages } from '../text/messages.ts'
import type { Screen } from './screen/screen.ts'

/** `--artifact <file|version>` takes a value; `--force` does not; `many` may be given several times. */
export type OptionSpec = {
  readonly flags: `-${string}`
  readonly description: Sentence
  readonly many?: true
  readonly required?: true
  readonly default?: string
  /** The only values it may have, where there is such a list. */
  readonly choices?: readonly string[]
  /** What it names, so that a shell can complete it. */
  readonly names?: NameKind
}

/** What `stellwerk completion` looks up while a shell completes. */
export const NAME_KINDS = ['environments', 'services', 'versions', 'rollouts'] as const
export type NameKind = (typeof NAME_KINDS)[number]

export type ArgSpec = {
  readonly description: Sentence
  readonly optional?: true
  readonly choices?: readonly string[]
  readonly names?: NameKind
}

type ValueOf<O extends OptionSpec> = O extends { many: true }
  ? readonly string[]
  : O['flags'] extends `${string}<${string}`
    ? O extends { required: true } | { default: string }
      ? string
      : string | undefined
    : boolean

type OptionSpecs = Readonly<Record<string, OptionSpec>>
type ArgSpecs = Readonly<Record<string, ArgSpec>>

/** An option that many verbs share. */
export type GlobalKey =
  | 'environment'
  | 'service'
  | 'file'
  | 'yes'
  | 'json'
  | 'wait'
  | 'timeout'
  | 'quiet'
  | 'lang'
  | 'server'
  | 'data'

/** What follows from the shared options, whether a verb takes them or not. */
export type Globals = {
  readonly environment: string | null
  readonly service: string | null
  /** Path of stellwerk.yaml as given. */
  readonly file: string
  readonly yes: boolean
  readonly json: boolean
  readonly wait: boolean
  readonly timeoutMs: number | null
  readonly quiet: boolean
  readonly server: string | null
  readonly dataFolder: string
}

export type Shell = {
  /** The command as it was given, ready to paste. */
  readonly commandLine: string
  readonly io: Io
  readonly globals: Globals
  readonly screen: Screen
  readonly text: Messages
  readonly deps: Deps
  readonly client: Client
}

export type Context<O extends OptionSpecs = OptionSpecs, A extends ArgSpecs = ArgSpecs> = Shell & {
  readonly options: { readonly [K in keyof O]: ValueOf<O[K]> }
  readonly args: { readonly [K in keyof A]: A[K] extends { optional: true } ? string | undefined : string }
}

/** One verb as data: help, reference page and parser come out of it. `run` answers the exit code. */
export type Verb<O extends OptionSpecs = OptionSpecs, A extends ArgSpecs = ArgSpecs> = {
  /** `deploy`, or `audit verify`. */
  readonly name: string
  readonly summary: Sentence
  readonly description?: Sentence
  /** Arguments in their order. */
  readonly args?: A
  readonly options?: O
  readonly examples?: readonly string[]
  /** The shared options that have an effect on it, beside --quiet and --lang; all when absent. Others are refused. */
  readonly takes?: readonly GlobalKey[]
  /** Speaks to the control plane: its errors say what serves now. */
  readonly talks?: true
  readonly run: (context: Context<O, A>) => Promise<number>
}

export function defineVerb<const O extends OptionSpecs, const A extends ArgSpecs>(verb: Verb<O, A>): Verb {
  return verb as unknown as Verb
}

export function usageError(what: Told, why: Told, fix: Told): StellwerkError {
  return new StellwerkError('usage', { what, why, fix })
}
