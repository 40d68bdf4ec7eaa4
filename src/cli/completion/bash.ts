import { type Completable, type CompletableOption, type CompletionWords, lookUp } from './words.ts'

/** Works with bash 3.2 and later, without the bash-completion package. */
export function bashCompletion({ first, verbs, valued: flags }: CompletionWords): string {
  const valued = flags.flatMap(({ long, short }) => (short ? [short, long] : [long])).join('|')
  return `# bash completion for stellwerk; use it with: source <(stellwerk completion bash)
_stellwerk() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" verb="" word
  local i=1
  while [ "$i" -lt "$COMP_CWORD" ]; do
    word="\${COMP_WORDS[i]}"
    case "$word" in ${valued}) i=$((i + 1)) ;; -*) ;; *) case "$verb" in "") verb="$word" ;; ${pairs(verbs)}) verb="$verb $word"; break ;; *) break ;; esac ;; esac
    i=$((i + 1))
  done
  COMPREPLY=()
  case "$verb" in
    "") ${valueCases(flags)}COMPREPLY=($(compgen -W "${first.map(({ word }) => word).join(' ')} --help --version" -- "$cur")) ;;
${[...groupCases(verbs), ...verbs.map(verbCase)].join('\n')}
  esac
}
complete -o default -F _stellwerk stellwerk
`
}

/** First words that have a second one. */
function pairs(verbs: readonly Completable[]): string {
  return [...seconds(verbs).keys()].join('|')
}

function groupCases(verbs: readonly Completable[]): readonly string[] {
  return [...seconds(verbs)].map(
    ([word, next]) => `    ${word}) COMPREPLY=($(compgen -W "${next.join(' ')}" -- "$cur")) ;;`,
  )
}

function seconds(verbs: readonly Completable[]): ReadonlyMap<string, readonly string[]> {
  const pairs = verbs.map(({ name }) => name.split(' ')).filter(({ length }) => length === 2)
  const groups = Map.groupBy(pairs, ([word]) => word!)
  return new Map([...groups].map(([word, members]) => [word, members.map(([, second]) => second!)]))
}

function verbCase({ name, options, words, names }: Completable): string {
  const known = options.flatMap(({ long, short }) => (short ? [long, short] : [long]))
  const offered = offer({ values: words, names })
  const plain = offered === '' ? ':' : offered
  return `    "${name}") ${valueCases(options)}case "$cur" in -*) COMPREPLY=($(compgen -W "${known.join(' ')}" -- "$cur")) ;; *) ${plain} ;; esac ;;`
}

/** What follows an option that takes a value: one of its values, or a file. */
function valueCases(options: readonly CompletableOption[]): string {
  const cases = options.flatMap(({ long, short, values, names }) => {
    if (values === null) return []
    const offered = offer({ values, names })
    return [`${short ? `${short}|` : ''}${long}) ${offered === '' ? '' : `${offered}; `}return ;;`]
  })
  return cases.length === 0 ? '' : `case "$prev" in ${cases.join(' ')} esac; `
}

/** The command that offers the values, or the names that are looked up now; empty: neither. */
function offer({ values, names }: Pick<CompletableOption, 'values' | 'names'>): string {
  const words = names === null ? (values ?? []).join(' ') : `$(${lookUp(names)})`
  return words === '' ? '' : `COMPREPLY=($(compgen -W "${words}" -- "$cur"))`
}
