import { CommanderError } from 'commander'
import { EXIT, StellwerkError } from '../errors.ts'
import { Client } from './client/client.ts'
import { findConnection } from './client/connection.ts'
import { completeDeps, type Deps } from './deps.ts'
import { globalsOf, languageFrom } from './globals.ts'
import type { Io } from './io.ts'
import { messagesIn } from './messages.ts'
import { printError } from './print-error.ts'
import { type Chosen, programFor } from './program.ts'
import { Screen } from './screen/screen.ts'
import type { Shell } from './verb.ts'

/** Runs one command line and answers its exit code; never throws. `argv` is without the program's name. */
export async function runCli(argv: readonly string[], io: Io, parts: Partial<Deps>): Promise<number> {
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
  const verb = argv.find((word) => /^[a-z]+$/.test(word))
  const fix = error.code === 'commander.unknownCommand' || !verb ? 'stellwerk --help' : `stellwerk ${verb} --help`
  const why = hint?.replace(/^\((.*)\)$/, '$1') ?? 'the command line does not fit what the verb takes'
  return new StellwerkError('usage', { what, why, fix })
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
