/**
 * What a shell offers while somebody types: names out of stellwerk.yaml, of what is pinned here and of the newest rollouts. Somebody
 * waits for it at the prompt, so it takes a second at most, and what cannot be found is left out.
 */
import { say } from '../../core/say.ts'
import { readdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { RolloutView } from '../../core/views.ts'
import { timeLimit } from '../../timers.ts'
import { artifactFile } from '../artifact-file.ts'
import type { NameKind, Shell } from '../verb.ts'

const PATIENCE_MS = 1000
const ROLLOUTS_MAX = 50
/** A shell takes words apart at spaces, and bash runs what stands in `$(…)`: a name that is not plain is not offered. */
const PLAIN = /^[\w][\w.:+-]*$/

export async function namesOf(kind: NameKind, shell: Shell): Promise<readonly string[]> {
  const limit = timeLimit(PATIENCE_MS)
  const all = await Promise.all([fromRollouts(kind, shell, limit), ...(await here(kind, shell))])
  return [...new Set(all.flat())].filter((name) => PLAIN.test(name))
}

async function fromRollouts(kind: NameKind, { client }: Shell, signal: AbortSignal): Promise<readonly string[]> {
  const call = { doing: say`list rollouts`, signal }
  const rollouts = await client.get<readonly RolloutView[]>(`/rollouts?limit=${ROLLOUTS_MAX}`, call).catch(() => [])
  const of = {
    environments: ({ environment }: RolloutView) => environment,
    services: ({ service }: RolloutView) => service,
    versions: ({ version }: RolloutView) => version,
    rollouts: ({ id }: RolloutView) => id,
  }
  return rollouts.map(of[kind])
}

/** What is known without a control plane. */
async function here(kind: NameKind, shell: Shell): Promise<readonly (readonly string[])[]> {
  if (kind === 'versions') return [await pinned(shell)]
  if (kind === 'rollouts') return []
  const read = await shell.deps.readSpec(resolve(shell.io.cwd, shell.globals.file)).catch(() => null)
  if (!read?.ok) return []
  return [kind === 'environments' ? read.value.environments : [read.value.service]]
}

async function pinned({ globals }: Shell): Promise<readonly string[]> {
  const files = await readdir(dirname(artifactFile(globals.dataFolder, 'any'))).catch(() => [])
  return files.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length))
}
