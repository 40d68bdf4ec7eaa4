/** What a shell can complete, as data: the verbs, their options and the values that are known. All from the descriptors. */
import type { Part } from '../../core/say.ts'
import { GLOBAL_OPTIONS, globalKeysOf } from '../globals.ts'
import { GROUPS, SHOW_HELP } from '../index.ts'
import { NAME_KINDS, type NameKind, type OptionSpec, type Verb } from '../verb.ts'

type Tell = (part: Part) => string

export type Completable = {
  /** `deploy`, or `token create`. */
  readonly name: string
  readonly summary: string
  readonly options: readonly CompletableOption[]
  /** Values of its first argument, where there is a list of them. */
  readonly words: readonly string[]
  /** What its first argument names; null: nothing that is looked up. */
  readonly names: NameKind | null
}

export type CompletableOption = {
  readonly long: string
  readonly short: string | null
  readonly description: string
  /** Null: it takes no value. An empty list: any value, so files are offered. */
  readonly values: readonly string[] | null
  /** What its value names; null: nothing that is looked up. */
  readonly names: NameKind | null
}

/** What a script runs while it completes; it answers one name a line, and nothing where there is none. */
export function lookUp(names: NameKind): string {
  return `stellwerk completion ${names} 2>/dev/null`
}

export type CompletionWords = {
  /** First words with what they do: `deploy`, `token`. */
  readonly first: readonly { readonly word: string; readonly summary: string }[]
  readonly verbs: readonly Completable[]
  /** Shared options that take a value: the word after one is no verb. */
  readonly valued: readonly CompletableOption[]
}

export function completionWords(verbs: readonly Verb[], tell: Tell): CompletionWords {
  const optionOf = optionIn(tell)
  const first = new Map<string, string>()
  for (const { name, summary } of verbs) {
    const [word] = name.split(' ') as [string]
    first.set(word, tell(GROUPS[word] ?? summary))
  }
  const words = [...first].map(([word, summary]) => ({ word, summary }))
  const valued = Object.values(GLOBAL_OPTIONS)
    .map(optionOf)
    .filter(({ values }) => values !== null)
  return { first: words, valued, verbs: verbs.map((verb) => completable(verb, [...first.keys()], tell)) }
}

function completable(verb: Verb, first: readonly string[], tell: Tell): Completable {
  const [arg] = Object.values(verb.args ?? {})
  const shared = globalKeysOf(verb).map((key) => GLOBAL_OPTIONS[key])
  const options = [...Object.values(verb.options ?? {}), ...shared].map(optionIn(tell))
  // What the script itself asks for is nothing that anybody types.
  const choices = arg?.choices?.filter((word) => !NAME_KINDS.some((kind) => kind === word)) ?? []
  const words = verb.name === 'help' ? first : choices
  return {
    name: verb.name,
    summary: tell(verb.summary),
    options: [...options, { ...HELP, description: tell(SHOW_HELP) }],
    words,
    names: arg?.names ?? null,
  }
}

const HELP = { long: '--help', short: '-h', values: null, names: null } as const

function optionIn(tell: Tell): (option: OptionSpec) => CompletableOption {
  return ({ flags, description, choices, names }) => {
    const [, short, long] = /^(?:(-\w), )?(--[\w-]+)/.exec(flags) ?? []
    return {
      long: long!,
      short: short ?? null,
      description: tell(description),
      values: flags.includes('<') ? (choices ?? []) : null,
      names: names ?? null,
    }
  }
}
