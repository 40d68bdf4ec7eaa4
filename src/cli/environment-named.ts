import { say, verbatim } from '../core/say.ts'
import { nearest } from '../stellwerk-yaml/suggest.ts'
import { usageError } from './verb.ts'

/** An environment that was named must be one of the spec's; `null` names none. */
export function mustHave(environments: readonly string[], named: string | null, file: string): void {
  if (named === null || environments.includes(named)) return
  const near = nearest(named, environments)
  throw usageError(
    say`there is no environment "${named}" in ${file}`,
    say`it has ${environments.join(', ')}`,
    near ? say`did you mean -e ${near}?` : verbatim(`-e ${environments[0]}`),
  )
}
