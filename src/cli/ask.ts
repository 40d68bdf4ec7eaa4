import { say, verbatim } from '../core/say.ts'
import { type Shell, usageError } from './verb.ts'

type Asking = Pick<Shell, 'globals' | 'io' | 'screen' | 'text' | 'commandLine'>

/** Only after what is asked about was shown: what is wrong with a request matters more than that nobody can be asked. */
export function mustBeAskable({ globals, io, commandLine }: Asking): void {
  if (globals.yes || io.canAsk) return
  throw usageError(
    say`cannot ask for confirmation`,
    say`there is no terminal to ask on`,
    verbatim(`${commandLine} --yes`),
  )
}

export async function isConfirmed(
  { globals, io, screen }: Asking,
  question: string,
  declined: string,
): Promise<boolean> {
  if (globals.yes) return true
  const reply = await io.ask(question)
  const isYes = ['y', 'yes', 'j', 'ja'].includes(reply?.trim().toLowerCase() ?? '')
  if (!isYes) screen.say(declined)
  return isYes
}
