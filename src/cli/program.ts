import { Command, Option } from 'commander'
import { GLOBAL_OPTIONS, type RawOptions } from './globals.ts'
import { GROUPS, VERBS } from './index.ts'
import type { Io } from './io.ts'
import type { OptionSpec, Verb } from './verb.ts'

export type Chosen = {
  readonly verb: Verb
  readonly globals: RawOptions
  readonly options: RawOptions
  readonly args: RawOptions
}

type Choose = (found: Chosen) => void

/** A parser that only finds out which verb was meant; whoever called it runs it. Throws commander's errors. */
export async function programFor(argv: readonly string[], io: Io, choose: Choose): Promise<Command> {
  const program = new Command('stellwerk')
    .description('Release control plane: gates, approvals, traffic under analysis, rollback by itself, an audit trail.')
    .usage('VERB [options]')
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: () => {}, outputError: () => {} })
    .helpCommand(false)
    .addHelpText('after', '\nstellwerk VERB --help shows what a verb takes; stellwerk --version shows the version.')
  for (const option of Object.values(GLOBAL_OPTIONS)) program.addOption(optionOf(option).helpGroup('Every verb takes:'))
  const groups = new Map<string, Command>()
  for (const verb of await verbsFor(argv)) {
    const [first, second] = verb.name.split(' ') as [string, string?]
    const parent = second === undefined ? program : groupOf(program, groups, first)
    addVerb(parent.command(second ?? first), program, verb, choose)
  }
  return program
}

/** Loads the verbs whose word stands anywhere in the command line; all when there is none (help, a typing error). */
async function verbsFor(argv: readonly string[]): Promise<readonly Verb[]> {
  const named = Object.entries(VERBS).filter(([word]) => argv.includes(word))
  const wanted = named.length === 0 ? Object.entries(VERBS) : named
  return (await Promise.all(wanted.map(([, load]) => load()))).flat()
}

function groupOf(program: Command, groups: Map<string, Command>, name: string): Command {
  const known = groups.get(name)
  if (known) return known
  const group = program
    .command(name)
    .description(GROUPS[name] ?? '')
    .helpCommand(false)
  groups.set(name, group)
  return group
}

function addVerb(command: Command, program: Command, verb: Verb, choose: Choose): void {
  command.summary(verb.summary).description([verb.summary, verb.description].filter(Boolean).join('.\n\n'))
  const args = Object.entries(verb.args ?? {})
  for (const [name, { description, optional }] of args) {
    command.argument(optional ? `[${name}]` : `<${name}>`, description)
  }
  for (const option of Object.values(verb.options ?? {})) command.addOption(optionOf(option))
  for (const [key, option] of Object.entries(GLOBAL_OPTIONS)) {
    if (!isOwn(verb, key)) command.addOption(optionOf(option).helpGroup('Every verb takes:'))
  }
  if (verb.examples) command.addHelpText('after', `\nExamples:\n${verb.examples.map((line) => `  ${line}`).join('\n')}`)
  command.action((...given: unknown[]) => {
    const named = Object.fromEntries(args.map(([name], index) => [name, given[index]]))
    choose({ verb, globals: globalsGiven(command, program, verb), options: command.opts(), args: named })
  })
}

/** `audit verify --file` is a file of its own, not the spec. */
function isOwn({ options = {} }: Verb, key: string): boolean {
  return key in options
}

/** A global option may stand before the verb or after it; after wins. */
function globalsGiven(command: Command, program: Command, verb: Verb): RawOptions {
  const values = Object.keys(GLOBAL_OPTIONS).map((key) => {
    const isAfter = !isOwn(verb, key) && command.getOptionValueSource(key) === 'cli'
    return [key, (isAfter ? command : program).getOptionValue(key)]
  })
  return Object.fromEntries(values)
}

function optionOf(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.description)
  if (spec.default !== undefined) option.default(spec.default)
  if (spec.required) option.makeOptionMandatory()
  if (spec.many) option.default([], 'none').argParser((value: string, before: readonly string[]) => [...before, value])
  return option
}
