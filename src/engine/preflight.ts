/**
 * What a release can be refused for before anything of it begins, because it is known already: an address that somebody
 * else listens on, an artifact that its platform cannot start. Found out later it would be an order repeated until a step's
 * deadline.
 */
import { english, quote, say } from '../core/say.ts'
import { refusal } from './refusals.ts'
import { type ListenAddress, overlaps, readListen } from '../core/listen.ts'
import type { Plan } from '../core/plan.ts'
import type { RolloutState } from '../core/rollout/state.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { Store } from '../ports/store.ts'
import type { Refusal } from './control-plane.ts'
import { environmentFacts } from './environment-row.ts'
import { timeLimit } from '../timers.ts'

export type Surroundings = {
  readonly store: Pick<Store, 'environments'>
  readonly adapters: Pick<Adapters, 'platform' | 'router'>
  /** A rollout by its id. */
  readonly load: (id: string) => Promise<RolloutState | null>
  /** Where the control plane itself listens, `127.0.0.1:7070`; null when it does not. */
  readonly ownAddress: string | null
}

type Problem = Refusal['problems'][number]
type Taken = { readonly address: ListenAddress; readonly by: string }

const LOOK_LIMIT_MS = 5000

/** Why `plan` cannot be carried out here as things are; null when nothing speaks against it. */
export async function preflightRefusal(around: Surroundings, plan: Plan): Promise<Refusal | null> {
  const problems = [...(await addressProblems(around, plan)), ...(await artifactProblems(around, plan))]
  if (problems.length === 0) return null
  const { service, environment, artifact } = plan
  return refusal(
    'conflict',
    say`${artifact.version} cannot be released to ${service} ${environment} as things are`,
    problems,
  )
}

async function addressProblems(around: Surroundings, plan: Plan): Promise<readonly Problem[]> {
  const wanted = addressesOf(around, plan)
  if (wanted.length === 0) return []
  const taken = await takenAddresses(around, plan)
  return wanted.flatMap(({ component, address }) => {
    const other = taken.find((each) => overlaps(each.address, address))
    if (!other) return []
    const theirs = other.address.text === address.text ? '' : say` (as ${other.address.text})`
    const said = say`${address.text} is where ${other.by} listens${theirs}; give ${component} another address`
    return [{ where: `components.${component}.router.listen`, message: english(said), said }]
  })
}

function addressesOf({ adapters }: Pick<Surroundings, 'adapters'>, plan: Plan) {
  return plan.components.flatMap((component) => {
    const texts = component.router === null ? [] : adapters.router(plan, component).listens
    return texts.flatMap((text) => {
      const read = readListen(text)
      return read.ok ? [{ component: component.name, address: read.address }] : []
    })
  })
}

/** Of every other environment: what serves, what is under way, and what waits for its turn. */
async function takenAddresses(around: Surroundings, plan: Plan): Promise<readonly Taken[]> {
  const rows = (await around.store.environments()).filter(
    ({ service, environment }) => service !== plan.service || environment !== plan.environment,
  )
  const ids = rows.flatMap((row) => [environmentFacts(row).stable?.rollout, row.holder, ...row.queue])
  const known = [...new Set(ids.filter((id) => id != null))]
  const states = (await Promise.all(known.map((id) => around.load(id)))).filter((state) => state !== null)
  const others = states.flatMap(({ plan: theirs }) =>
    addressesOf(around, theirs).map(({ component, address }) => {
      return { address, by: `${component} of ${theirs.service} in ${theirs.environment}` }
    }),
  )
  const own = around.ownAddress === null ? null : readListen(around.ownAddress)
  return [...(own?.ok ? [{ address: own.address, by: 'the control plane itself' }] : []), ...others]
}

async function artifactProblems({ adapters }: Surroundings, plan: Plan): Promise<readonly Problem[]> {
  const signal = timeLimit(LOOK_LIMIT_MS)
  const answers = plan.components.map(async (component): Promise<readonly Problem[]> => {
    const answer = await adapters.platform(plan, component).accepts?.(component.artifact, signal)
    // What cannot be known now (a registry that is down) is no reason to refuse: it is found out when it starts.
    if (!answer || answer.ok || answer.kind !== 'permanent') return []
    const said = say`its platform cannot start it: ${quote(answer.message)}; pin it again where it is`
    return [{ where: `artifact.components.${component.name}`, message: english(said), said }]
  })
  return (await Promise.all(answers)).flat()
}
