import { type Completable, type CompletableOption, type CompletionWords, lookUp } from './words.ts'

export function fishCompletion({ first, verbs }: CompletionWords): string {
  const none = first.map(({ word }) => word).join(' ')
  const groups = Map.groupBy(
    verbs.filter(({ name }) => name.includes(' ')),
    ({ name }) => name.split(' ')[0]!,
  )
  return `# fish completion for stellwerk; use it with: stellwerk completion fish | source
function __stellwerk_no_verb
  not __fish_seen_subcommand_from ${none}
end
${first.map(({ word, summary }) => line('-f -n __stellwerk_no_verb', `-a ${word}`, summary)).join('\n')}
${[...groups].flatMap(([word, members]) => members.map((verb) => secondLine(word, verb, members))).join('\n')}
${verbs.flatMap((verb) => optionLines(verb)).join('\n')}
`
}

function secondLine(word: string, { name, summary }: Completable, members: readonly Completable[]): string {
  const seconds = members.map((each) => each.name.split(' ')[1]).join(' ')
  const when = `__fish_seen_subcommand_from ${word}; and not __fish_seen_subcommand_from ${seconds}`
  return line(`-f -n ${quoted(when)}`, `-a ${name.split(' ')[1]}`, summary)
}

function optionLines({ name, options, words, names }: Completable): readonly string[] {
  const when = name
    .split(' ')
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join('; and ')
  const offered = names === null ? words : [`(${lookUp(names)})`]
  const plain = offered.map((word) => line(`-f -n ${quoted(when)}`, `-a ${quoted(word)}`, ''))
  return [...plain, ...options.map((option) => optionLine(when, option))]
}

function optionLine(when: string, option: CompletableOption): string {
  const { long, short, description } = option
  const value = valueOf(option)
  return line(`-n ${quoted(when)}${short ? ` -s ${short.slice(1)}` : ''} -l ${long.slice(2)}${value}`, '', description)
}

function line(first: string, rest: string, description: string): string {
  const text = description === '' ? '' : `-d ${quoted(description)}`
  return ['complete -c stellwerk', first, rest, text].filter(Boolean).join(' ')
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** A version may be a file as well. */
function valueOf({ values, names }: CompletableOption): string {
  if (values === null) return ''
  if (names !== null) return ` ${names === 'versions' ? '-r -F' : '-x'} -a ${quoted(`(${lookUp(names)})`)}`
  return values.length === 0 ? ' -r -F' : ` -x -a ${quoted(values.join(' '))}`
}
