/** What a shell can complete, as data: the verbs, their options and the values that are known. All from the descriptors. */
import { GLOBAL_OPTIONS, globalKeysOf } from '../globals.ts'
import { GROUPS } from '../index.ts'
import type { OptionSpec, Verb } from '../verb.ts'

export type Completable = {
  /** `deploy`, or `token create`. */
  readonly name: string
  readonly summary: string
  readonly options: readonly CompletableOption[]
  /** Values of its first argument, where there is a list of them. */
  readonly words: readonly string[]
}

export type CompletableOption = {
  readonly long: string
  readonly short: string | null
  readonly description: string
  /** Null: it takes no value. An empty list: any value, so files are offered. */
  readonly values: readonly string[] | null
}

export type CompletionWords = {
  /** First words with what they do: `deploy`, `token`. */
  readonly first: readonly { readonly word: string; readonly summary: string }[]
  readonly verbs: readonly Completable[]
  /** Shared options that take a value: the word after one is no verb. */
  readonly valued: readonly CompletableOption[]
}

export function completionWords(verbs: readonly Verb[]): CompletionWords {
  const first = new Map<string, string>()
  for (const { name, summary } of verbs) {
    const [word] = name.split(' ') as [string]
    first.set(word, GROUPS[word] ?? summary)
  }
  const words = [...first].map(([word, summary]) => ({ word, summary }))
  const valued = Object.values(GLOBAL_OPTIONS)
    .map(optionOf)
    .filter(({ values }) => values !== null)
  return { first: words, valued, verbs: verbs.map((verb) => completable(verb, [...first.keys()])) }
}

function completable(verb: Verb, first: readonly string[]): Completable {
  const [arg] = Object.values(verb.args ?? {})
  const shared = globalKeysOf(verb).map((key) => GLOBAL_OPTIONS[key])
  const options = [...Object.values(verb.options ?? {}), ...shared].map(optionOf)
  const words = verb.name === 'help' ? first : (arg?.choices ?? [])
  return { name: verb.name, summary: verb.summary, options: [...options, HELP], words }
}

const HELP: CompletableOption = { long: '--help', short: '-h', description: 'Show this help', values: null }

function optionOf({ flags, description, choices }: OptionSpec): CompletableOption {
  const [, short, long] = /^(?:(-\w), )?(--[\w-]+)/.exec(flags) ?? []
  return {
    long: long!,
    short: short ?? null,
    description,
    values: flags.includes('<') ? (choices ?? []) : null,
  }
}
