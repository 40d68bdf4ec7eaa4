import { listed, say, type Sentence, type Told, verbatim } from '../../core/say.ts'
import { resolve } from 'node:path'
import type { EnvironmentView, RolloutView } from '../../core/views.ts'
import { StellwerkError } from '../../errors.ts'
import { nearest } from '../../stellwerk-yaml/suggest.ts'
import type { Shell } from '../verb.ts'
import type { Client } from './client.ts'
import { timeLimit } from '../../timers.ts'

export function rolloutPath(id: string, rest = ''): string {
  return `/rollouts/${encodeURIComponent(id)}${rest}`
}

export function getRollout(client: Client, id: string, signal?: AbortSignal): Promise<RolloutView> {
  return client.get(rolloutPath(id), { doing: say`show the rollout ${id}`, ...(signal && { signal }) })
}

/** What serves now, without doubting what was asked: for messages about something else. */
export function statusNow(
  shell: Pick<Shell, 'client' | 'globals'>,
  signal?: AbortSignal,
): Promise<readonly EnvironmentView[]> {
  const { service, environment } = shell.globals
  const query = new URLSearchParams({ ...(service && { service }), ...(environment && { environment }) })
  return shell.client.get(`/status?${query}`, { doing: say`ask what serves now`, ...(signal && { signal }) })
}

/** What serves now; a service or an environment that nobody knows is a slip, not an empty answer. */
export async function getStatus(shell: Shell): Promise<readonly EnvironmentView[]> {
  const found = await statusNow(shell)
  if (found.length === 0) await mustBeKnown(shell)
  return found
}

/** Before its first release an environment is known to the spec alone. */
export async function mustBeKnown(shell: Shell): Promise<void> {
  const { service, environment, file } = shell.globals
  if (service === null && environment === null) return
  const all = await statusNow({ ...shell, globals: { ...shell.globals, service: null, environment: null } })
  const read = await shell.deps.readSpec(resolve(shell.io.cwd, file)).catch(() => null)
  const spec = read?.ok ? read.value : null
  const environments = [...all.map((each) => each.environment), ...(spec?.environments ?? [])]
  const services = [...all.map((each) => each.service), ...(spec ? [spec.service] : [])]
  const serving = placesSaid(all)
  mustBeOneOf({ what: say`environment`, flag: '-e', known: environments, serving }, environment)
  mustBeOneOf({ what: say`service`, flag: '--service', known: services, serving }, service)
}

type Known = {
  readonly what: Sentence
  readonly flag: string
  readonly known: readonly string[]
  readonly serving: Told
}

function mustBeOneOf({ what, flag, known, serving }: Known, named: string | null): void {
  const names = [...new Set(known)].toSorted()
  if (named === null || names.length === 0 || names.includes(named)) return
  const near = nearest(named, names)
  const why = say`known are ${names.join(', ')}`
  const fix = near === null ? verbatim(`${flag} ${names[0]}`) : say`did you mean ${flag} ${near}?`
  throw new StellwerkError('usage', { what: say`there is no ${what} "${named}"`, why, serving, fix })
}

/** The rollout that was named, or else the only one under way in the environment (all environments) in question. */
export async function theRollout(shell: Shell, named: string | undefined): Promise<string> {
  if (named !== undefined) return named
  const holders = (await getStatus(shell)).flatMap(({ holder }) => (holder ? [holder] : []))
  if (holders.length === 1) return holders[0]!.id
  const there = holders.map(({ id, service, environment }) => `${id} (${service} ${environment})`).join(', ')
  throw new StellwerkError('usage', {
    what: holders.length === 0 ? say`no rollout is under way` : say`more than one rollout is under way`,
    why: holders.length === 0 ? say`without a name, the one under way is meant` : verbatim(there),
    fix: holders.length === 0 ? verbatim('stellwerk list') : say`name one of them, or choose with --service and -e`,
  })
}

/** What users get, in one line: `api v1 90 %, v2 10 %; worker v1 100 %`. */
export function servingSaid(serving: RolloutView['serving']): Told {
  const parts = serving.map(({ component, said }) => {
    const now = listed([component, said.text], ' ')
    return said.alarm === null ? now : say`${now} [${said.alarm}]`
  })
  return parts.length === 0 ? say`nothing` : listed(parts)
}

/** What users get everywhere: a place that nobody knows serves nothing, and that is not what was asked (law L10). */
function placesSaid(all: readonly EnvironmentView[]): Told {
  if (all.length === 0) return say`nothing`
  return listed(
    all.map(({ service, environment, serving }) => say`${`${service} ${environment}`}: ${servingSaid(serving)}`),
    ' · ',
  )
}

const ASK_MS = 2000

/**
 * What users get in the environment of a rollout. One that has not looked yet (in the queue, at a gate, waiting for an
 * approval) knows nothing of it, so the environment is asked (law L10).
 */
export async function servingNow({ client, text }: Shell, view: RolloutView): Promise<string> {
  const { service, environment, serving } = view
  if (serving.every(({ observedAt }) => observedAt !== null)) return text.tell(servingSaid(serving))
  const path = `/status?${new URLSearchParams({ service, environment })}`
  const asked = { doing: say`ask what serves now`, signal: timeLimit(ASK_MS) }
  const [there] = await client.get<readonly EnvironmentView[]>(path, asked).catch(() => [])
  return text.tell(servingSaid(there?.serving ?? serving))
}
