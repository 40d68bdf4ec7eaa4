/** What of a command line asks for help, and of which verb: `help deploy`, `deploy --help`, a verb that does not exist. */
import { GLOBAL_OPTIONS } from './globals.ts'

const HELP = ['-h', '--help']

/**
 * `help deploy` as the parser knows it: `deploy --help`. A first word that is no verb loses its `--help`, so that the slip
 * is said instead of answered with the list of everything.
 */
export function asParserWants(argv: readonly string[], verbs: readonly string[]): readonly string[] {
  const [word, ...rest] = wordsOf(argv)
  if (word === undefined) return argv
  if (word === 'help') {
    const [asked] = rest
    return asked === undefined || asked === 'help' || !verbs.includes(asked) ? helpOf(asked) : [...rest, '--help']
  }
  return verbs.includes(word) ? argv : argv.filter((each) => !HELP.includes(each))
}

function helpOf(asked: string | undefined): readonly string[] {
  if (asked === undefined) return ['--help']
  return asked === 'help' ? ['help', '--help'] : [asked]
}

/** The words of a command line that are neither options nor their values, as far as the global ones go. */
export function wordsOf(argv: readonly string[]): readonly string[] {
  const words: string[] = []
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index]!
    if (!word.startsWith('-')) words.push(word)
    else if (takesValue(word)) index += 1
  }
  return words
}

function takesValue(flag: string): boolean {
  return Object.values(GLOBAL_OPTIONS).some(({ flags }) => flags.includes('<') && flags.split(/[ ,]+/).includes(flag))
}
