import { CommanderError } from 'commander'
import { EXIT, StellwerkError } from '../errors.ts'
import { bordered } from './border.ts'
import { Client } from './client/client.ts'
import { findConnection } from './client/connection.ts'
import { completeDeps, type Deps } from './deps.ts'
import { GLOBAL_OPTIONS, globalsOf, languageFrom } from './globals.ts'
import { asParserWants, wordsOf } from './help-request.ts'
import { GROUPS, VERBS } from './index.ts'
import type { Io } from './io.ts'
import { messagesIn } from '../text/messages.ts'
import { printError } from './print-error.ts'
import { type Chosen, programFor } from './program.ts'
import { Screen } from './screen/screen.ts'
import type { Shell } from './verb.ts'

/** Runs one command line and answers its exit code; never throws. `argv` is without the program's name. */
export async function runCli(given: readonly string[], outside: Io, parts: Partial<Deps>): Promise<number> {
  const io = bordered(outside)
  const argv = asParserWants(given, Object.keys(VERBS))
  const deps = completeDeps(parts)
  let found: Chosen | null = null
  let shell: Shell | null = null
  try {
    const program = await programFor(argv, io, (chosen) => {
      found = chosen
    })
    await program.parseAsync(argv.length === 0 ? ['--help'] : argv, { from: 'user' })
    if (found === null) throw new Error('no verb was chosen')
    const { verb, globals, options, args } = found as Chosen
    shell = shellFor(argv, globals, io, deps)
    return await verb.run({ ...shell, options: options as never, args: args as never })
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return argv.length === 0 ? EXIT.usage.code : 0
    // A word like "token" without its second one: commander has shown what there is.
    if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage.code
    const talks = found !== null && (found as Chosen).verb.talks === true
    return await printError(error instanceof CommanderError ? usage(error, argv) : error, io, talks ? shell : null)
  }
}

function shellFor(argv: readonly string[], given: Chosen['globals'], io: Io, deps: Deps): Shell {
  const globals = globalsOf(given, io)
  const { server, dataFolder } = globals
  const token = io.env['STELLWERK_TOKEN'] ?? null
  return {
    commandLine: ['stellwerk', ...argv.map(quoted)].join(' '),
    io,
    globals,
    screen: new Screen(io, globals),
    text: messagesIn(languageFrom(given, io)),
    deps,
    client: new Client(() => findConnection({ server, token, dataFolder }), globals.json),
  }
}

/** `error: unknown option '--foo'\n(Did you mean --force?)` as one of our errors. */
function usage(error: CommanderError, argv: readonly string[]): StellwerkError {
  const [what = 'the command line cannot be read', hint] = error.message.replace(/^error: /, '').split('\n')
  const [verb, second] = wordsOf(argv)
  const words = verb && Object.hasOwn(GROUPS, verb) && second ? `${verb} ${second}` : verb
  const isKnown = error.code !== 'commander.unknownCommand' && verb !== undefined && Object.hasOwn(VERBS, verb)
  const fix = isKnown ? `stellwerk help ${words}` : 'stellwerk help'
  const why =
    hint?.replace(/^\((.*)\)$/, '$1') ??
    whyNot(what, words, error.code) ??
    'the command line does not fit what the verb takes'
  return new StellwerkError('usage', { what, why, fix })
}

/** Why an option that exists elsewhere is not known here. */
function whyNot(what: string, verb: string | undefined, code: string): string | null {
  if (code === 'commander.unknownCommand') return 'there is no such verb'
  const [, flag] = /^unknown option '([^']+)'$/.exec(what) ?? []
  if (flag === '-f') return '-f follows logs; the spec is named with --file'
  const isShared = Object.values(GLOBAL_OPTIONS).some(({ flags }) => flags.split(/[ ,]+/).includes(flag ?? ''))
  return isShared ? `it would have no effect on "${verb}"` : null
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
