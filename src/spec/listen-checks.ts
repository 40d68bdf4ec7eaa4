/** Addresses that routers open on this machine: no two components of a spec may want the same, in any environment. */
import { type ListenAddress, overlaps, readListen } from '../core/listen.ts'
import type { RouterSchema } from './adapter-options.ts'
import type { CheckProblem, PartialSpec } from './check-problem.ts'

type Components = NonNullable<PartialSpec['components']>
type Listening = { readonly component: string; readonly address: ListenAddress }

const HELP = 'give each its own port, or the IP address of its own machine'

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
      if (other) return [taken(component, address, other, ` in environment "${environment}"`)]
    }
    return []
  })
}

function taken(component: string, { text }: ListenAddress, other: Listening, where: string): CheckProblem {
  const theirs = other.address.text === text ? '' : ` (as ${other.address.text})`
  const message = `${text} is where ${other.component} listens already${where}${theirs}`
  return { path: ['components', component, 'router', 'listen'], message, suggestion: HELP }
}

function listening(components: Components, routers: readonly RouterSchema[]): readonly Listening[] {
  return Object.entries(components).flatMap(([component, { router }]) => {
    const adapter = router && routers.find(({ kind }) => kind === router.kind)
    const texts = adapter?.listens?.(router!) ?? []
    return texts.flatMap((text) => {
      const read = readListen(text)
      return read.ok ? [{ component, address: read.address }] : []
    })
  })
}
