import { type Completable, type CompletableOption, type CompletionWords, lookUp } from './words.ts'
import type { NameKind } from '../verb.ts'

/** For zsh's own completion system: either in a file of `$fpath` named `_stellwerk`, or sourced after `compinit`. */
export function zshCompletion({ first, verbs }: CompletionWords): string {
  return `#compdef stellwerk
# zsh completion for stellwerk; use it with: source <(stellwerk completion zsh)
_stellwerk() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  _arguments -C '1: :->verb' '*:: :->rest'
  case $state in
    verb)
      local -a verbs
      verbs=(
${described(
  first.map(({ word, summary }) => [word, summary]),
  '        ',
)}
      )
      _describe -t verbs verb verbs ;;
    rest)
      case $line[1] in
${verbCases(verbs).join('\n')}
      esac ;;
  esac
}
if [ "$funcstack[1]" = _stellwerk ]; then _stellwerk "$@"; else compdef _stellwerk stellwerk; fi
`
}

function verbCases(verbs: readonly Completable[]): readonly string[] {
  const groups = new Set(verbs.flatMap(({ name }) => (name.includes(' ') ? [name.split(' ')[0]!] : [])))
  const single = verbs.filter(({ name }) => !name.includes(' '))
  return [
    ...single.map((verb) => `      ${verb.name}) ${call(verb)} ;;`),
    ...[...groups].map((word) => groupCase(word, verbs)),
  ]
}

function groupCase(word: string, verbs: readonly Completable[]): string {
  const members = verbs.filter(({ name }) => name.startsWith(`${word} `))
  const second = ({ name }: Completable) => name.split(' ')[1]!
  return `      ${word})
        _arguments -C '1: :->second' '*:: :->more'
        case $state in
          second)
            local -a seconds
            seconds=(
${described(
  members.map((verb) => [second(verb), verb.summary]),
  '              ',
)}
            )
            _describe -t verbs verb seconds ;;
          more)
            case $line[1] in
${members.map((verb) => `              ${second(verb)}) ${call(verb)} ;;`).join('\n')}
            esac ;;
        esac ;;`
}

function described(pairs: readonly (readonly string[])[], indent: string): string {
  return pairs.map(([word, text]) => `${indent}${quoted(`${word}:${text}`)}`).join('\n')
}

function call({ options, words, names }: Completable): string {
  const rest = words.length === 0 && names === null ? `'*:: :_files'` : quoted(`1: :${offer(words, names)}`)
  return `_arguments ${[...options.flatMap(optionWords), rest].join(' ')}`
}

function optionWords({ long, short, description, values, names }: CompletableOption): readonly string[] {
  const text = description.replaceAll(/[[\]:\\]/g, '\\$&')
  const value = values === null ? '' : `: :${offer(values, names)}`
  return [...(short ? [short] : []), long].map((flag) => quoted(`${flag}[${text}]${value}`))
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** What `_arguments` does for a value: names that are looked up now (a version may be a file as well), a list, or files. */
function offer(values: readonly string[], names: NameKind | null): string {
  if (names !== null) return `{compadd -- \${(f)"$(${lookUp(names)})"}${names === 'versions' ? '; _files' : ''}}`
  return values.length === 0 ? '_files' : `(${values.join(' ')})`
}
