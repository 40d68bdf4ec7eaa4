import { listed, say, verbatim } from '../core/say.ts'
import { type Argument, Command, type Help, Option, type OutputConfiguration } from 'commander'
import { GLOBAL_OPTIONS, globalKeysOf, type RawOptions } from './globals.ts'
import { GROUPS, headingOf, SHOW_HELP, VERBS } from './index.ts'
import type { Io } from './io.ts'
import type { Messages } from '../text/messages.ts'
import { type GlobalKey, type OptionSpec, usageError, type Verb } from './verb.ts'

export type Chosen = {
  readonly verb: Verb
  readonly globals: RawOptions
  readonly options: RawOptions
  readonly args: RawOptions
}

type Choose = (found: Chosen) => void

const KEYS = Object.keys(GLOBAL_OPTIONS) as GlobalKey[]

/** A parser that only finds out which verb was meant; whoever called it runs it. Throws commander's errors. */
type Reader = { readonly io: Io; readonly text: Messages }

export async function programFor(argv: readonly string[], { io, text }: Reader, choose: Choose): Promise<Command> {
  const { tell } = text
  const program = new Command('stellwerk')
    .description(
      tell(say`Release control plane: gates, approvals, traffic under analysis, automatic rollback, an audit trail.`),
    )
    .usage('VERB [options]')
    .exitOverride()
    .enablePositionalOptions()
    .configureHelp({ formatHelp: formatHelpIn(tell), subcommandTerm })
    .configureOutput(outputTo(io))
    .helpCommand(false)
    .addHelpOption(new Option('-h, --help', tell(SHOW_HELP)).helpGroup(tell(GLOBAL_OPTIONS.quiet.heading)))
    .addHelpText('after', `\n${tell(say`"stellwerk help VERB" shows what a verb takes, and examples.`)}`)
  for (const key of KEYS)
    program.addOption(optionOf(GLOBAL_OPTIONS[key], tell).helpGroup(tell(GLOBAL_OPTIONS[key].heading)))
  const groups = new Map<string, Command>()
  for (const verb of await verbsFor(argv)) {
    const [first, second] = verb.name.split(' ') as [string, string?]
    const parent = second === undefined ? program : groupOf({ program, groups, tell }, first)
    addVerb(
      parent.command(second ?? first).helpGroup(`${tell(second === undefined ? headingOf(first) : say`Verbs`)}:`),
      program,
      verb,
      { choose, tell },
    )
  }
  return program
}

function outputTo({ stdout, stderr }: Io): OutputConfiguration {
  return {
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
    outputError: () => {},
    getOutHelpWidth: () => stdout.columns,
    getErrHelpWidth: () => stderr.columns,
  }
}

/** Loads the verbs whose word stands anywhere in the command line; all when there is none (help, a typing error). */
async function verbsFor(argv: readonly string[]): Promise<readonly Verb[]> {
  const named = Object.entries(VERBS).filter(([word]) => argv.includes(word))
  const wanted = named.length === 0 ? Object.entries(VERBS) : named
  return (await Promise.all(wanted.map(([, load]) => load()))).flat()
}

type Tell = Messages['tell']
type Grouped = { readonly program: Command; readonly groups: Map<string, Command>; readonly tell: Tell }

function groupOf({ program, groups, tell }: Grouped, name: string): Command {
  const known = groups.get(name)
  if (known) return known
  const group = program
    .command(name)
    .description(tell(GROUPS[name] ?? ''))
    .usage('VERB [options]')
    .helpGroup(`${tell(headingOf(name))}:`)
    .helpCommand(false)
  groups.set(name, group)
  return group
}

type Choosing = { readonly choose: Choose; readonly tell: Tell }

function addVerb(command: Command, program: Command, verb: Verb, { choose, tell }: Choosing): void {
  const about = [verb.summary, ...(verb.description === undefined ? [] : [verb.description])]
  command.summary(tell(verb.summary)).description(about.map(tell).join('.\n\n'))
  const args = Object.entries(verb.args ?? {})
  for (const [name, { description, optional }] of args) {
    command.argument(optional ? `[${name}]` : `<${name}>`, tell(description))
  }
  for (const option of Object.values(verb.options ?? {})) command.addOption(optionOf(option, tell))
  for (const key of globalKeysOf(verb)) {
    command.addOption(optionOf(GLOBAL_OPTIONS[key], tell).helpGroup(tell(GLOBAL_OPTIONS[key].heading)))
  }
  if (verb.examples)
    command.addHelpText('after', `\n${tell(say`Examples`)}:\n${verb.examples.map((line) => `  ${line}`).join('\n')}`)
  command.action((...given: unknown[]) => {
    const named = Object.fromEntries(args.map(([name], index) => [name, given[index]]))
    const options = command.opts()
    for (const each of [program, command]) mustSaySomething(verb, each)
    mustBeComplete(verb, options)
    choose({ verb, globals: globalsGiven(command, program, verb), options, args: named })
  })
}

/** `-e "$ENVIRONMENT"` with a variable that is not set: whoever wrote that did not mean "whichever there is". */
function mustSaySomething({ name }: Verb, command: Command): void {
  const isEmpty = (value: unknown) => [value].flat().some((one) => typeof one === 'string' && one.trim() === '')
  const silent = command.options.find(
    (option) =>
      command.getOptionValueSource(option.attributeName()) === 'cli' &&
      isEmpty(command.getOptionValue(option.attributeName())),
  )
  const [what] = silent ? [silent.flags] : command.registeredArguments.flatMap(emptyIn(command, isEmpty))
  if (what !== undefined)
    throw usageError(say`${what} is empty`, say`perhaps a variable that is not set`, verbatim(`stellwerk help ${name}`))
}

function emptyIn(command: Command, isEmpty: (value: unknown) => boolean) {
  return (argument: Argument, index: number): readonly string[] =>
    isEmpty(command.args[index]) ? [argument.name()] : []
}

/** Said after unknown options, since one of those may be the misspelt one that is missing. */
function mustBeComplete({ name, options = {} }: Verb, given: RawOptions): void {
  const missing = Object.entries(options).filter(([key, { required }]) => required && given[key] === undefined)
  if (missing.length === 0) return
  const flags = missing.map(([, option]) => option.flags).join(' and ')
  throw usageError(
    say`${name} needs ${flags}`,
    listed(missing.map(([, { flags, description }]) => say`${flags}: ${description}`)),
    verbatim(`stellwerk help ${name}`),
  )
}

/** A shared option may stand before the verb or after it; after wins. One without effect on this verb is refused. */
function globalsGiven(command: Command, program: Command, verb: Verb): RawOptions {
  const taken = globalKeysOf(verb)
  const values = KEYS.map((key) => {
    const isTaken = taken.includes(key)
    const isOwn = key in (verb.options ?? {})
    if (!isTaken && !isOwn && program.getOptionValueSource(key) === 'cli') throw noEffect(verb, GLOBAL_OPTIONS[key])
    const isAfter = isTaken && command.getOptionValueSource(key) === 'cli'
    return [key, (isAfter ? command : program).getOptionValue(key)]
  })
  return Object.fromEntries(values)
}

function noEffect({ name }: Verb, { flags }: OptionSpec): Error {
  return usageError(say`${name} takes no ${flags}`, say`it would have no effect`, verbatim(`stellwerk help ${name}`))
}

function optionOf(spec: OptionSpec, tell: Tell): Option {
  const option = new Option(spec.flags, tell(spec.description))
  if (spec.choices && !spec.many) option.choices([...spec.choices])
  if (spec.default !== undefined) option.default(spec.default)
  if (spec.many) option.default([], 'none').argParser((value: string, before: readonly string[]) => [...before, value])
  return option
}

/** Commander's layout with the verbs before the options: they are what somebody looks for first. */
function formatHelpIn(tell: Tell): (command: Command, helper: Help) => string {
  return (command, helper) => formatHelp(command, helper, tell)
}

function formatHelp(command: Command, helper: Help, tell: Tell): string {
  const width = helper.padWidth(command, helper)
  const item = (term: string, text: string) => helper.formatItem(term, width, text, helper)
  const sections = [
    ...grouped(
      helper.visibleArguments(command),
      () => `${tell(say`Arguments`)}:`,
      (each) => item(helper.argumentTerm(each), helper.argumentDescription(each)),
    ),
    ...grouped(
      helper.visibleCommands(command),
      (each) => each.helpGroup(),
      (each) => item(helper.subcommandTerm(each), helper.subcommandDescription(each)),
    ),
    ...grouped(
      helper.visibleOptions(command),
      (each) => each.helpGroupHeading ?? `${tell(say`Options`)}:`,
      (each) => item(helper.optionTerm(each), helper.optionDescription(each)),
    ),
  ]
  const about = helper.boxWrap(helper.commandDescription(command), helper.helpWidth ?? 80)
  return [tell(say`Usage: ${helper.commandUsage(command)}`), about, ...sections].join('\n\n') + '\n'
}

/** `deploy`, `watch [rollout]`: that a verb has options, everybody knows. */
function subcommandTerm(command: Command): string {
  const args = command.registeredArguments.map((arg) => (arg.required ? `<${arg.name()}>` : `[${arg.name()}]`))
  return [command.name(), ...args].join(' ')
}

function grouped<T>(
  items: readonly T[],
  headingFor: (item: T) => string,
  line: (item: T) => string,
): readonly string[] {
  const groups = Map.groupBy(items, headingFor)
  return [...groups].map(([heading, members]) => [heading, ...members.map(line)].join('\n'))
}
