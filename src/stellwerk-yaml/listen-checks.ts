/** What routers cannot share: addresses that they open on this machine, in any environment, and the names of cookies. */
import { type Part, say } from '../core/say.ts'
import { type ListenAddress, overlaps, readListen } from '../core/listen.ts'
import type { AdapterOptions } from '../core/plan.ts'
import type { RouterSchema } from './adapter-options.ts'
import type { CheckProblem, PartialSpec } from './check-problem.ts'

type Components = NonNullable<PartialSpec['components']>
type Listening = { readonly component: string; readonly address: ListenAddress }

const HELP = say`give each its own port, or the IP address of its own machine`

/** Two components of one environment on one address. */
export function listenProblems(components: Components, routers: readonly RouterSchema[]): readonly CheckProblem[] {
  const all = listening(components, routers)
  return all.flatMap(({ component, address }, index) => {
    const other = all.slice(0, index).find((earlier) => overlaps(earlier.address, address))
    return other ? [taken(component, address, other, '')] : []
  })
}

/** What `components` of one environment want that an environment read before it has. */
export function sharedListenProblems(
  components: Components,
  before: readonly (readonly [environment: string, components: Components])[],
  routers: readonly RouterSchema[],
): readonly CheckProblem[] {
  return listening(components, routers).flatMap(({ component, address }) => {
    for (const [environment, others] of before) {
      const other = listening(others, routers).find((each) => overlaps(each.address, address))
      if (other) return [taken(component, address, other, say` in environment "${environment}"`)]
    }
    return []
  })
}

function taken(component: string, { text }: ListenAddress, other: Listening, where: Part): CheckProblem {
  const theirs = other.address.text === text ? '' : say` (as ${other.address.text})`
  const message = say`${text} is where ${other.component} listens already${where}${theirs}`
  return { path: ['components', component, 'router', 'listen'], message, suggestion: HELP }
}

function listening(components: Components, routers: readonly RouterSchema[]): readonly Listening[] {
  return Object.entries(components).flatMap(([component, { router }]) => {
    const adapter = router && routers.find(({ kind }) => kind === router.kind)
    const texts = adapter?.describe(router!).listens ?? []
    return texts.flatMap((text) => {
      const read = readListen(text)
      return read.ok ? [{ component, address: read.address }] : []
    })
  })
}

/** A browser keeps cookies by host name: of two components with one name, each would overwrite the other's. */
export function cookieProblems(components: Components, routers: readonly RouterSchema[]): readonly CheckProblem[] {
  const owners = new Map<string, string>()
  return Object.entries(components).flatMap(([name, { router }]) => {
    const cookie = router ? cookieOf(router, routers) : null
    const owner = cookie === null ? undefined : owners.get(cookie)
    if (cookie !== null && owner === undefined) owners.set(cookie, name)
    if (cookie === null || owner === undefined) return []
    const path = ['components', name, 'router', 'sticky', 'cookie']
    const message = say`${cookie} is the cookie of ${owner} already; browsers send cookies by host name, whatever the port`
    return [{ path, message, suggestion: say`give each its own name` }]
  })
}

function cookieOf(router: AdapterOptions, routers: readonly RouterSchema[]): string | null {
  return routers.find(({ kind }) => kind === router.kind)?.describe(router).sticky?.cookie ?? null
}
