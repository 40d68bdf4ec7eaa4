/**
 * As whom commands of a spec run (gates, migrations, mitigation). Where we are root, never as root: what somebody writes into
 * a spec would otherwise read the control plane's keys, tokens and every other service's files. Where we are not, there is
 * no other user to be had, and commands run as we do.
 */
import { createHash } from 'node:crypto'
import { type Result, ok } from '../../ports/result.ts'
import { type Account, accountOf, passwd } from './account.ts'

/** Names the user, by name or number; `root` keeps commands as the control plane. */
export const COMMAND_USER = 'STELLWERK_COMMAND_USER'
/** Taken where this machine has it and nothing else is said. */
const USUAL_USER = 'stellwerk-commands'
/** Numbers that Linux distributions leave to users without a name (systemd's DynamicUser=). */
const FIRST_FREE = 61_184
const LAST_FREE = 65_519

export function commandAccount(
  service: string,
  environment: Readonly<Record<string, string | undefined>>,
): Result<Account> {
  const wanted = environment[COMMAND_USER]
  if (wanted !== undefined && wanted !== '') {
    const found = accountOf(wanted)
    return found.ok ? found : { ...found, message: `${COMMAND_USER}: ${found.message}` }
  }
  if (process.getuid?.() !== 0) return ok(null)
  const usual = passwd().find(([name]) => name === USUAL_USER)
  return usual ? ok({ uid: Number(usual[2]), gid: Number(usual[3]) }) : ok(freeAccount(service))
}

/** One number per service, the same every time, that no user of this machine has. */
function freeAccount(service: string): Account {
  const taken = new Set(passwd().map(([, , uid]) => Number(uid)))
  const size = LAST_FREE - FIRST_FREE + 1
  const first = createHash('sha256').update(service).digest().readUInt32BE() % size
  const numbers = Array.from({ length: size }, (_, index) => FIRST_FREE + ((first + index) % size))
  const uid = numbers.find((number) => !taken.has(number)) ?? LAST_FREE
  return { uid, gid: uid }
}
