/** What the command line needs beyond the HTTP API, filled in from the rooms that have it. */
import { listed, quote, say } from '../core/say.ts'
import type { Warning } from '../core/forecast/detectable-effect.ts'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createArtifactStore } from '../adapters/artifact-store/store.ts'
import type { ArtifactComponent } from '../core/artifact.ts'
import type { Answer, SpecSource } from '../engine/control-plane.ts'
import { makeDataFolder } from './data-folder.ts'
import { detail, type ProblemDetail, StellwerkError, whyUnread } from '../errors.ts'
import { registry } from '../adapters/registry.ts'
import { unfit } from '../stellwerk-yaml/compile-checks.ts'
import { environmentForecast } from '../stellwerk-yaml/forecast.ts'
import type { Spec } from '../stellwerk-yaml/spec.ts'
import { nearest } from '../stellwerk-yaml/suggest.ts'
import { readSpec as readSpecText } from './compile.ts'

export type ReadSpec = {
  readonly source: SpecSource
  readonly service: string
  readonly environments: readonly string[]
  readonly components: readonly string[]
  readonly unfit: (refs: Readonly<Record<string, string>>) => readonly ProblemDetail[]
  readonly warnings: () => readonly (Warning & { readonly environment: string })[]
}

export { compileRequest } from './compile.ts'

/** Reads and checks stellwerk.yaml; relative paths in it start from its own folder. */
export async function readSpec(file: string): Promise<Answer<ReadSpec>> {
  const bytes = await readFile(file).catch((error: unknown) => {
    const fix = say`"stellwerk init" writes one; --file names another`
    throw new StellwerkError('usage', { what: say`cannot read the spec`, why: whyUnread(error, file), fix }, error)
  })
  const source = { text: new TextDecoder().decode(bytes), file, folder: dirname(file) }
  const read = readSpecText(source)
  if (!read.ok) return read
  const { service, environments } = read.value
  const components = new Set(Object.values(environments).flatMap((environment) => Object.keys(environment.components)))
  const names = Object.keys(environments)
  const warnings = () =>
    names.flatMap((environment) =>
      environmentForecast(environments[environment]!).warnings.map((warning) => ({ environment, ...warning })),
    )
  return {
    ok: true,
    value: {
      source,
      service,
      environments: names,
      components: [...components],
      unfit: (refs) => unfitReferences(read.value, refs),
      warnings,
    },
  }
}

/** Takes the content of a folder or archive over into the store of the data folder, and answers its digest. */
export async function takeOver(path: string, dataFolder: string): Promise<string> {
  await makeDataFolder(dataFolder)
  const store = createArtifactStore(join(dataFolder, 'artifacts'))
  const digest = await store.takeOver(path, new AbortController().signal)
  if (digest.ok) return digest.value
  throw new StellwerkError('usage', {
    what: say`cannot take over ${path}`,
    why: quote(digest.message),
    fix:
      digest.kind === 'transient'
        ? say`put that right and pin it again`
        : say`name the folder or archive that the build made, and correct what is said about it`,
  })
}

/** The digest of what would be started for a pinned reference now; null when nothing is there any more. */
export async function digestNow({ ref, digest }: ArtifactComponent, dataFolder: string): Promise<string | null> {
  const found = await createArtifactStore(join(dataFolder, 'artifacts')).digestOf(ref, digest)
  return found.ok ? found.value : null
}

/** What could be run in no environment at all; what only some of them run is for `plan` to say. */
function unfitReferences(
  { environments, locate }: Spec,
  refs: Readonly<Record<string, string>>,
): readonly ProblemDetail[] {
  return Object.entries(refs).flatMap(([name, ref]) => {
    const declared = Object.entries(environments).filter(([, { components }]) => Object.hasOwn(components, name))
    if (declared.length === 0) {
      const near = nearest(
        name,
        Object.values(environments).flatMap(({ components }) => Object.keys(components)),
      )
      const said = say`no component "${name}" is declared`
      const told = near === null ? said : listed([said, say`did you mean "${near}"?`])
      return [detail(locate('', ['components']), told)]
    }
    const reasons = declared.map(([environment, { components }]) => {
      const why = unfit(ref, components[name]!.platform.kind, registry.platforms)
      return why === null
        ? null
        : detail(locate(environment, ['components', name, 'platform']), listed([name, why], ': '))
    })
    return reasons.some((reason) => reason === null) ? [] : reasons.slice(0, 1).flatMap((reason) => reason ?? [])
  })
}
