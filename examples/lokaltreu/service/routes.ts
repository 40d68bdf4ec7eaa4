import { type Answer, type Request, refusal } from './answer.ts'
import { front, health, metrics, readiness, staff } from './pages.ts'
import type { Service } from './service.ts'
import { card, claim, redeem } from './stamps.ts'

export type Handler = (request: Request, service: Service) => Promise<Answer>

const ROUTES: Readonly<Record<string, Handler>> = {
  'POST /v1/stamps/claim': claim,
  'POST /v1/rewards/redeem': redeem,
  'GET /v1/cards/:id': card,
  'GET /': front,
  'GET /staff': staff,
  'GET /health': health,
  'GET /readiness': readiness,
  'GET /metrics': metrics,
}

export type Match = {
  readonly route: string
  readonly params: Readonly<Record<string, string>>
  readonly handler: Handler
}

/** The route's pattern is the name under which a request is counted: paths hold ids, patterns do not. */
export function match(method: string, path: string): Match {
  const here = Object.entries(ROUTES).filter(([route]) => paramsOf(route, path))
  const found = here.find(([route]) => route.startsWith(`${method} `))
  if (found) return { route: found[0], params: paramsOf(found[0], path) ?? {}, handler: found[1] }
  const allowed = here.map(([route]) => route.split(' ')[0]).join(', ')
  if (allowed) return { route: 'other', params: {}, handler: async () => methodRefusal(allowed) }
  return {
    route: 'other',
    params: {},
    handler: async () => refusal(404, 'not-found', 'There is nothing at this path.'),
  }
}

function methodRefusal(allowed: string): Answer {
  return { ...refusal(405, 'method-not-allowed', `This path takes ${allowed}.`), headers: { allow: allowed } }
}

function paramsOf(route: string, path: string): Record<string, string> | undefined {
  const wanted = route.slice(route.indexOf('/')).split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? ''
    if (part.startsWith(':')) params[part.slice(1)] = value
    else if (part !== value) return undefined
  }
  return params
}
