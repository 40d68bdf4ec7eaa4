/** This command line and the control plane may be of different releases: what is said then, on this side of the wire. */
import { say, type Sentence, type Told } from '../../core/say.ts'
import { StellwerkError } from '../../errors.ts'
import { timeLimit } from '../../timers.ts'
import { compareVersions } from '../../version.ts'

const ASK_MS = 5_000

/** One that says no version with its answers is older than this header, but `/health` has always said it. Null: it does not say. */
export async function askVersion(url: string): Promise<string | null> {
  try {
    const response = await fetch(`${url}/health`, { redirect: 'error', signal: timeLimit(ASK_MS) })
    const said: unknown = response.ok ? await response.json() : null
    const { version } = (said ?? {}) as { readonly version?: unknown }
    return typeof version === 'string' ? version : null
  } catch {
    return null
  }
}

/** Before anything that the control plane would begin was sent. */
export function otherVersion(doing: Sentence, own: string, theirs: string): StellwerkError {
  return new StellwerkError('usage', {
    what: say`cannot ${doing}: this is stellwerk ${own}, the control plane is ${theirs}`,
    why: say`one of them may mean something else by it; nothing was begun. What only shows, and what brings users back, works all the same`,
    fix: upgrade(own, theirs),
  })
}

/** An answer that cannot be read is no mystery when it comes from another version. */
export function notUnderstood(why: Told, own: string, theirs: string, cause: unknown): StellwerkError {
  const what = say`this is stellwerk ${own}, the control plane is ${theirs}: its answer cannot be understood`
  return new StellwerkError('failed', { what, why, fix: upgrade(own, theirs) }, cause)
}

export function upgrade(own: string, theirs: string): Sentence {
  const order = compareVersions(own, theirs)
  if (order < 0) return say`install stellwerk ${theirs} here; docs/upgrade.md says how`
  if (order > 0) return say`use stellwerk ${theirs} here until the control plane is upgraded; docs/upgrade.md says how`
  return say`use the same version of stellwerk here and for the control plane`
}
