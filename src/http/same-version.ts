/**
 * A command line of another release may mean something else by the same words, so what it asks for is not begun. Taken from every
 * version is what only shows and what brings users back (the scope `intervene`): at 3 a.m. nobody looks for the right
 * `stellwerk` first. Who says no version (a script with curl) follows the description of the API, and is not held up.
 */
import { say } from '../core/say.ts'
import type { MiddlewareHandler } from 'hono'
import { understands, VERSION_HEADER } from '../version.ts'
import { problem } from './problem.ts'
import type { HttpEnv } from './types.ts'

const LENGTH_MAX = 60

export const sameVersion: MiddlewareHandler<HttpEnv> = async (c, next) => {
  const theirs = c.req.header(VERSION_HEADER)
  const own = c.get('version')
  if (theirs === undefined || understands(own, theirs)) return await next()
  const shown = theirs.slice(0, LENGTH_MAX)
  const detail = say`This control plane is Stellwerk ${own} and was asked by ${shown}, which may mean something else by it. Nothing was begun.`
  return problem(c, 'other-version', detail)
}
