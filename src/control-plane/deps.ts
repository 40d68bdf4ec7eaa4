/** What the command line needs beyond the HTTP API, filled in from the rooms that have it. */
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { digestTree as digestOf } from '../adapters/artifact-store/store.ts'
import type { Answer, SpecSource } from '../engine/control-plane.ts'
import { StellwerkError, whyUnread } from '../errors.ts'
import { environmentOutlook } from '../spec/outlook.ts'
import { readSpec as readSpecText } from './compile.ts'

export type ReadSpec = {
  readonly source: SpecSource
  readonly service: string
  readonly environments: readonly string[]
  readonly components: readonly string[]
  readonly warnings: () => readonly { readonly environment: string; readonly text: string }[]
}

export { compileRequest } from './compile.ts'

/** Reads and checks stellwerk.yaml; relative paths in it start from its own folder. */
export async function readSpec(file: string): Promise<Answer<ReadSpec>> {
  const bytes = await readFile(file).catch((error: unknown) => {
    const fix = 'stellwerk init, or name it with --file'
    throw new StellwerkError('usage', { what: 'cannot read the spec', why: whyUnread(error, file), fix }, error)
  })
  const source = { text: new TextDecoder().decode(bytes), file, folder: dirname(file) }
  const read = readSpecText(source)
  if (!read.ok) return read
  const { service, environments } = read.value
  const components = new Set(Object.values(environments).flatMap((environment) => Object.keys(environment.components)))
  const names = Object.keys(environments)
  const warnings = () =>
    names.flatMap((environment) =>
      environmentOutlook(environments[environment]!).warnings.map((text) => ({ environment, text })),
    )
  return { ok: true, value: { source, service, environments: names, components: [...components], warnings } }
}

export async function digestTree(path: string): Promise<string> {
  const digest = await digestOf(path)
  if (digest.ok) return digest.value
  throw new StellwerkError('usage', {
    what: `cannot take the digest of ${path}`,
    why: digest.message,
    fix: 'name the folder or archive that the build made',
  })
}
