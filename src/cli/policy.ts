import { say, verbatim } from '../core/say.ts'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { HeldPolicy } from '../core/policy/policy.ts'
import type { PolicyProposal, SpecSource } from '../engine/control-plane.ts'
import { EXIT, whyUnread } from '../errors.ts'
import { isConfirmed, mustBeAskable } from './ask.ts'
import { mustBeKnown } from './client/rollouts.ts'
import { stamp } from './screen/moments.ts'
import { changeLines, heldText, originText } from './screen/policy-text.ts'
import { table } from './screen/table.ts'
import { columnsOf, wrapped } from './screen/wrapped.ts'
import { defineVerb, type GlobalKey, type Shell, usageError, type Verb } from './verb.ts'

const PLACE: readonly GlobalKey[] = ['environment', 'service', 'file', 'json', 'server', 'data']

const show = defineVerb({
  name: 'policy show',
  summary: say`Show the policy in force for an environment, or all of them`,
  takes: PLACE,
  examples: ['stellwerk policy show', 'stellwerk policy show -e prod'],
  talks: true,
  async run(shell) {
    const { globals, screen, text, io } = shell
    const held = await heldHere(shell)
    if (globals.json) for (const each of held) screen.result(JSON.stringify(each))
    else if (held.length === 0) screen.result(text.policy.noneHeld)
    else screen.result(narrowed(held.map((each) => heldText(each, io.now(), text)).join('\n\n'), shell))
    return 0
  },
})

const diff = defineVerb({
  name: 'policy diff',
  summary: say`Show how the spec would change the policy in force`,
  takes: PLACE,
  examples: ['stellwerk policy diff -e prod'],
  talks: true,
  async run(shell) {
    const { proposed } = await propose(shell, 'policy diff')
    if (shell.globals.json) shell.screen.result(JSON.stringify(proposed))
    else shell.screen.result(proposalText(proposed, shell))
    return 0
  },
})

const set = defineVerb({
  name: 'policy set',
  summary: say`Put the spec's policy into force for an environment`,
  takes: [...PLACE, 'yes'],
  description: say`Takes a token with the scope "policy", and no consent; it is logged under your name. Releases that wait for approvals under another policy are void.`,
  options: { note: { flags: '--note <text>', description: say`Why; it stays in the log for ever`, required: true } },
  examples: ['stellwerk policy set -e prod --note "as agreed in CHG-42"'],
  talks: true,
  async run({ options, ...shell }) {
    const { screen, text, client, globals, io } = shell
    const { proposed, source } = await propose(shell, 'policy set')
    screen.progress(proposalText(proposed, shell))
    if (proposed.held?.hash !== proposed.hash) {
      mustBeAskable(shell)
      const question = text.policy.confirmSet(proposed.environment)
      if (!(await isConfirmed(shell, question, text.policy.notSet))) return EXIT.failed.code
    }
    const body = {
      source,
      environment: proposed.environment,
      expected: proposed.held?.hash ?? null,
      note: options.note,
    }
    const held = await client.post<HeldPolicy>('/policies', { doing: say`set the policy`, body })
    screen.result(
      globals.json
        ? JSON.stringify(held)
        : narrowed(`${heldHead(held, shell)}\n  ${originText(held, io.now(), text)}`, shell),
    )
    return 0
  },
})

const history = defineVerb({
  name: 'policy history',
  summary: say`Show every policy that was ever in force for an environment, and what each changed`,
  takes: PLACE,
  examples: ['stellwerk policy history -e prod'],
  talks: true,
  async run(shell) {
    const { globals, screen, text, io, client } = shell
    const places = await heldHere(shell)
    const found = places.map(({ service, environment }) =>
      client.get<readonly HeldPolicy[]>(`${placeOf(service, environment)}/history`, { doing: say`show the history` }),
    )
    const all = (await Promise.all(found)).flat()
    if (globals.json) for (const each of all) screen.result(JSON.stringify(each))
    else if (all.length === 0) screen.result(text.policy.noneHeld)
    else {
      const rows = all.map(({ service, environment, version, at, by, how, rollout, hash }) => {
        const place = `${service} ${environment} ${version}`
        return [place, stamp(at, io.now()), by, text.policy.how[how], rollout ?? '-', hash.slice(0, 19)]
      })
      screen.result(table([text.policy.historyHeads, ...rows], columnsOf(io.stdout)))
      for (const each of all.filter(({ changes }) => changes.length > 0)) {
        screen.result(narrowed([heldHead(each, shell), ...changeLines(each.changes, text)].join('\n'), shell))
      }
    }
    return 0
  },
})

export const policy: readonly Verb[] = [show, diff, set, history]

/** Every line broken between words where the terminal ends. */
function narrowed(lines: string, { io }: Pick<Shell, 'io'>): string {
  const columns = columnsOf(io.stdout)
  return lines
    .split('\n')
    .flatMap((line) => wrapped(line, columns, '      '))
    .join('\n')
}

function heldHead({ service, environment, version, hash }: HeldPolicy, { text }: Shell): string {
  return `${service} ${environment}  ${text.policy.version(version, hash.slice(0, 19))}`
}

/** The policies that -e and --service mean. */
async function heldHere(shell: Shell): Promise<readonly HeldPolicy[]> {
  const { client, globals } = shell
  const held = await client.get<readonly HeldPolicy[]>('/policies', { doing: say`show the policies` })
  const here = held.filter(
    ({ service, environment }) =>
      (globals.service ?? service) === service && (globals.environment ?? environment) === environment,
  )
  if (here.length === 0) await mustBeKnown(shell)
  return here
}

function placeOf(service: string, environment: string): string {
  return `/policies/${encodeURIComponent(service)}/${encodeURIComponent(environment)}`
}

async function propose(shell: Shell, verb: string): Promise<{ proposed: PolicyProposal; source: SpecSource }> {
  const { globals, io, client } = shell
  const { environment } = globals
  if (environment === null)
    throw usageError(
      say`no environment`,
      say`a policy belongs to one environment`,
      verbatim(`stellwerk ${verb} -e prod`),
    )
  const file = resolve(io.cwd, globals.file)
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw usageError(say`cannot read the spec ${globals.file}`, whyUnread(error, file), say`name it with --file`)
  })
  const source = { text, file: globals.file, folder: dirname(file) }
  const call = { doing: say`compare the policies`, body: { source, environment } }
  return { proposed: await client.post<PolicyProposal>('/policies/diff', call), source }
}

function proposalText({ service, environment, held, hash, changes }: PolicyProposal, { text, io }: Shell): string {
  const { policy: words } = text
  const where = `${service} ${environment}`
  const lines =
    held === null
      ? [words.noneYet(where)]
      : held.hash === hash || changes.length === 0
        ? [words.same(environment)]
        : [`${where}  ${words.version(held.version, held.hash.slice(0, 19))}`, ...changeLines(changes, text)]
  return narrowed(lines.join('\n'), { io })
}
