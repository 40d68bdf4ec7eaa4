/** `artifact pin` to a control plane elsewhere: its content goes there, and what the version is from now on. */
import { exists } from '../adapters/artifact-store/homes.ts'
import { withTree } from '../adapters/artifact-store/store.ts'
import { type Manifest } from '../adapters/artifact-store/manifest.ts'
import { ChangedMeanwhile } from '../adapters/artifact-store/content-reader.ts'
import type { Artifact } from '../core/artifact.ts'
import { COMPONENT_NAME, isComponentName } from '../core/pinned.ts'
import { quote, say, verbatim } from '../core/say.ts'
import { StellwerkError } from '../errors.ts'
import { handOver } from './client/upload.ts'
import { specFile } from './spec-file.ts'
import { sizeText, uploadBar } from './screen/upload-bar.ts'
import { type Shell, usageError } from './verb.ts'

const PATIENCE_MS = 60_000

/** Whose artifact it is: `--service`, or the service of the spec. */
export async function serviceOf(shell: Shell): Promise<string> {
  const { globals, deps } = shell
  if (globals.service !== null) return named(globals.service)
  const file = await specFile(shell)
  const read = file === null ? null : await deps.readSpec(file)
  if (read?.ok) return read.value.service
  throw usageError(
    say`no service`,
    say`an artifact at a control plane is one of a service, and there is no spec here that names it`,
    verbatim('--service NAME'),
  )
}

/** It stands in addresses: another one would ask for something else. */
function named(service: string): string {
  if (isComponentName(service)) return service
  throw usageError(say`"${service}" is no name of a service`, COMPONENT_NAME, verbatim('--service shop'))
}

/** Sends the folder or archive at `path` where it is not kept yet; answers the digest of its tree. */
export async function handOverContent(shell: Shell, service: string, name: string, path: string): Promise<string> {
  await mustBeApart(path, shell.globals.dataFolder)
  shell.screen.progress(say`${name}: reading ${path}`)
  const done = await withTree(path, (root, manifest) => sent(shell, { service, name, root, manifest }))
  if (done.ok) return done.value
  throw new StellwerkError('usage', {
    what: say`cannot read ${path}`,
    why: quote(done.message),
    fix: say`name the folder or archive that the build made, and correct what is said about it`,
  })
}

/** Keys and tokens of a control plane lie there, and what was pinned changes it. */
async function mustBeApart(path: string, dataFolder: string): Promise<void> {
  if (!`${dataFolder}/`.startsWith(`${path}/`) || !(await exists(dataFolder))) return
  throw usageError(
    say`cannot hand over ${path}`,
    say`it holds the data folder of Stellwerk (${dataFolder})`,
    say`pin the folder that the build made, or put the data elsewhere: --data FOLDER`,
  )
}

type Content = { readonly service: string; readonly name: string; readonly root: string; readonly manifest: Manifest }

async function sent(shell: Shell, content: Content): Promise<string> {
  const { screen, text, io, client } = shell
  const { name, manifest } = content
  const bar = uploadBar({ screen, text, now: () => io.now() }, name, manifest.bytes)
  try {
    const wasSent = await handOver({ client, ...content, came: bar.came, waits: bar.waits, patienceMs: PATIENCE_MS })
    bar.end()
    screen.progress(
      wasSent
        ? say`${name}: ${sizeText(manifest.bytes)} handed over`
        : say`${name}: the control plane has this content already`,
    )
    return manifest.digest
  } catch (error) {
    if (error instanceof ChangedMeanwhile) throw changed(name, error.path)
    throw error
  } finally {
    bar.end()
  }
}

function changed(name: string, path: string): StellwerkError {
  return usageError(
    say`${name} changed while it was handed over`,
    say`${path} is shorter than a moment ago`,
    say`pin it when its build has ended, and nothing changes it any more`,
  )
}

export async function pinThere({ client }: Shell, service: string, artifact: Artifact): Promise<void> {
  await client.post('/artifacts', {
    doing: say`pin ${artifact.version}`,
    body: { service, artifact },
    fixes: { conflict: say`pin it under a new version`, invalid: say`put that right and pin it again` },
  })
}
