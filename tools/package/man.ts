/**
 * `stellwerk.1`, the manual page, out of the descriptors that help, completion and the reference come from: roff with the macros of
 * man(7), which man-db, mandoc and lintian read alike.
 */
import { ENVIRONMENT_VARIABLES, GLOBAL_OPTIONS, globalKeysOf } from '../../src/cli/globals.ts'
import { allVerbs, headingOf, HEADINGS } from '../../src/cli/index.ts'
import type { OptionSpec, Verb } from '../../src/cli/verb.ts'
import { english, type Sentence } from '../../src/core/say.ts'
import { EXIT } from '../../src/errors.ts'

export type ManOptions = { readonly version: string; readonly dateMs: number }

/** The whole page. `dateMs`: the day that stands at its foot. */
export async function manPage({ version, dateMs }: ManOptions): Promise<string> {
  const verbs = await allVerbs()
  const day = new Date(dateMs).toISOString().slice(0, 10)
  return [
    `.TH STELLWERK 1 "${day}" "stellwerk ${version}" "User Commands"`,
    ...section('NAME', ['stellwerk \\- release control plane']),
    ...section('SYNOPSIS', ['.B stellwerk', '.I VERB', '[options]']),
    ...section('DESCRIPTION', DESCRIPTION.map(text)),
    ...Object.values(HEADINGS).flatMap((heading) =>
      section(english(heading).toUpperCase(), verbsUnder(heading, verbs).flatMap(verbPart)),
    ),
    ...section('OPTIONS THAT MANY VERBS SHARE', Object.values(GLOBAL_OPTIONS).flatMap(optionPart)),
    ...section(
      'EXIT STATUS',
      Object.values(EXIT).flatMap(({ code, meaning }) => item(String(code), meaning)),
    ),
    ...section(
      'ENVIRONMENT',
      Object.entries(ENVIRONMENT_VARIABLES).flatMap(([name, said]) => item(name, english(said))),
    ),
    '',
  ].join('\n')
}

const DESCRIPTION = [
  'Results go to stdout, progress, questions and errors to stderr. The control plane owns every rollout: a command that follows one only watches, and Ctrl-C detaches. Without a terminal, --yes is required.',
  'An error says what failed, why, what serves now, and the command that mends it.',
]

function section(title: string, lines: readonly string[]): readonly string[] {
  return [`.SH "${title}"`, ...lines]
}

function verbsUnder(heading: Sentence, verbs: readonly Verb[]): readonly Verb[] {
  return verbs.filter(({ name }) => headingOf(name.split(' ')[0]!).says === heading.says)
}

function verbPart(verb: Verb): readonly string[] {
  const { name, summary, description, args = {}, options = {}, examples = [] } = verb
  const words = Object.entries(args).map(([arg, { optional }]) => (optional ? `[${arg}]` : `<${arg}>`))
  const shared = globalKeysOf(verb).map((key) => GLOBAL_OPTIONS[key].flags.match(/--[\w-]+/)![0])
  return [
    `.SS "${escape(['stellwerk', name, ...words].join(' '))}"`,
    text(`${english(summary)}.${description ? ` ${english(description)}` : ''}`),
    ...Object.entries(args).flatMap(([arg, { description }]) => item(arg, `${english(description)}.`)),
    ...Object.values(options).flatMap(optionPart),
    '.PP',
    text(`Takes ${shared.join(', ')}.`),
    ...(examples.length > 0 ? ['.PP', 'For example:', '.PP', '.nf', '.RS', ...examples.map(text), '.RE', '.fi'] : []),
  ]
}

function optionPart(option: OptionSpec): readonly string[] {
  const notes = [option.required ? 'Required.' : '', option.default ? `Default ${option.default}.` : '']
  return item(option.flags, [`${english(option.description)}.`, ...notes].filter(Boolean).join(' '))
}

function item(term: string, said: string): readonly string[] {
  return ['.TP', `.B ${escape(term)}`, text(said)]
}

/** One line of running text; one that begins like a request of roff is kept from being one. */
function text(said: string): string {
  return escape(said).replace(/^(?=[.'])/, '\\&')
}

/** A bare `-` would be printed as a hyphen, which nobody can paste into a shell. */
function escape(said: string): string {
  return said
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll("'", '\\(aq')
    .replaceAll('\n', ' ')
}
