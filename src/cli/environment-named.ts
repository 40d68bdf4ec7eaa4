import { nearest } from '../stellwerk-yaml/suggest.ts'
import { usageError } from './verb.ts'

/** An environment that was named must be one of the spec's; `null` names none. */
export function mustHave(environments: readonly string[], named: string | null, file: string): void {
  if (named === null || environments.includes(named)) return
  const near = nearest(named, environments)
  throw usageError(
    `there is no environment "${named}" in ${file}`,
    `it has ${environments.join(', ')}`,
    near ? `did you mean -e ${near}?` : `-e ${environments[0]}`,
  )
}
