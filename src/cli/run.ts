import { quote, say, type Sentence, type Told, verbatim } from '../core/say.ts'
import { CommanderError } from 'commander'
import { EXIT, StellwerkError } from '../errors.ts'
import { bordered } from './border.ts'
import { Client } from './client/client.ts'
import { ciLogin } from './client/ci-login.ts'
import { findConnection } from './client/connection.ts'
import { completeDeps, type Deps } from './deps.ts'
import { GLOBAL_OPTIONS, globalsOf, languageFrom, languageIn } from './globals.ts'
import { asParserWants, wordsOf } from './help-request.ts'
import { GROUPS, VERBS } from './index.ts'
import type { Io } from './io.ts'
import { messagesIn } from '../text/languages.ts'
import { printError } from './print-error.ts'
import { type Chosen, programFor } from './program.ts'
import { Screen } from './screen/screen.ts'
import type { Shell } from './verb.ts'

/** Runs one command line and answers its exit code; never throws. `argv` is without the program's name. */
export async function runCli(given: readonly string[], outside: Io, parts: Partial<Deps>): Promise<number> {
  const io = bordered(outside)
  const text = messagesIn(languageIn(given, io))
  const argv = asParserWants(given, Object.keys(VERBS))
  const deps = completeDeps(parts)
  let found: Chosen | null = null
  let shell: Shell | null = null
  try {
    const program = await programFor(argv, { io, text }, (chosen) => {
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
    return await printError(
      error instanceof CommanderError ? usage(error, argv) : error,
      io,
      talks ? shell : null,
      text,
    )
  }
}

function shellFor(argv: readonly string[], given: Chosen['globals'], io: Io, deps: Deps): Shell {
  const globals = globalsOf(given, io)
  const { server, dataFolder } = globals
  const token = io.env['STELLWERK_TOKEN'] || null
  const logIn = token === null ? ciLogin({ ...globals, env: io.env, now: io.now, cwd: io.cwd }) : null
  const text = messagesIn(languageFrom(given, io))
  return {
    commandLine: ['stellwerk', ...argv.map(quoted)].join(' '),
    io,
    globals,
    screen: new Screen(io, { ...globals, tell: text.tell }),
    text,
    deps,
    client: new Client(() => findConnection({ server, token, dataFolder, logIn }), globals.json),
  }
}

/** `error: unknown option '--foo'\n(Did you mean --force?)` as one of our errors. */
function usage(error: CommanderError, argv: readonly string[]): StellwerkError {
  const [what = 'the command line cannot be read', hint] = error.message.replace(/^error: /, '').split('\n')
  const [verb, second] = wordsOf(argv)
  const words = verb && Object.hasOwn(GROUPS, verb) && second ? `${verb} ${second}` : verb
  const isKnown = error.code !== 'commander.unknownCommand' && verb !== undefined && Object.hasOwn(VERBS, verb)
  const fix = isKnown ? verbatim(`stellwerk help ${words}`) : verbatim('stellwerk help')
  const why = meant(hint) ?? whyNot(what, words, error.code) ?? say`the command line does not fit what the verb takes`
  return new StellwerkError('usage', { what: whatIsWrong(what), why, fix })
}

/** What commander says, of which these are the common ones. */
function whatIsWrong(message: string): Told {
  const choice = /^option '([^']+)' argument '(.*)' is invalid\. Allowed choices are (.+)\.$/s.exec(message)
  const [, option, given, choices] = choice ?? []
  if (option && choices) return say`${option} "${given ?? ''}" is none of ${choices}`
  const [, kind, name] = /^(unknown option|unknown command|missing required argument) '([^']+)'$/.exec(message) ?? []
  if (name === undefined || kind === undefined) return quote(message)
  if (kind === 'unknown option') return say`unknown option '${name}'`
  return kind === 'unknown command' ? say`unknown command '${name}'` : say`missing required argument '${name}'`
}

/** `(Did you mean --force?)` */
function meant(hint: string | undefined): Told | null {
  if (hint === undefined) return null
  const [, near] = /^\(Did you mean (?:one of )?(.+)\?\)$/.exec(hint) ?? []
  return near === undefined ? quote(hint) : say`Did you mean ${near}?`
}

/** Why an option that exists elsewhere is not known here. */
function whyNot(what: string, verb: string | undefined, code: string): Sentence | null {
  if (code === 'commander.unknownCommand') return say`there is no such verb`
  const [, flag] = /^unknown option '([^']+)'$/.exec(what) ?? []
  if (flag === '-f') return say`-f follows logs; the spec is named with --file`
  const isShared = Object.values(GLOBAL_OPTIONS).some(({ flags }) => flags.split(/[ ,]+/).includes(flag ?? ''))
  return isShared ? say`it would have no effect on "${verb ?? ''}"` : null
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
