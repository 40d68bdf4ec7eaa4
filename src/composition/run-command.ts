/**
 * Runs what a spec declares: without a shell, in a folder of its own, as a user of its own where we are root, so that nothing
 * of it can read the control plane's files.
 */
import { mkdir } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { type ArtifactStore, createArtifactStore } from '../adapters/artifact-store/store.ts'
import { splitCommand } from '../stellwerk-yaml/argv.ts'
import { commandAccount } from '../adapters/command/command-account.ts'
import { allowedEnvironment } from '../adapters/command/run.ts'
import { runCommand } from '../adapters/command/run.ts'
import { openWorkplace, type Workplace } from '../adapters/command/workplace.ts'
import type { ArtifactComponent } from '../core/artifact.ts'
import type { Host, Run, RunRequest } from '../ports/adapter.ts'
import { ok, type Result } from '../ports/result.ts'

type Laid = { readonly store: ArtifactStore; readonly place: Workplace; readonly signal: AbortSignal }

/** `service`: whose user of the machine it is. */
export function runner(host: Host, service: string): Run {
  const store = createArtifactStore(join(host.dataFolder, 'artifacts'))
  return async (request) => {
    const argv = splitCommand(request.command)
    if (!argv.ok) return argv
    const account = commandAccount(service, host.environment)
    if (!account.ok) return account
    const place = await openWorkplace(host.dataFolder, account.value)
    if (!place.ok) return place
    try {
      const laid = await lay(request, { store, place: place.value, signal: request.signal })
      if (!laid.ok) return laid
      const environment = {
        ...allowedEnvironment(host.environment),
        ...place.value.environment,
        ...request.environment,
        ...laid.value,
      }
      return await runCommand({ ...request, ...place.value, argv: argv.value, environment })
    } finally {
      await place.value.done()
    }
  }
}

async function lay({ content, beside }: RunRequest, laid: Laid): Promise<Result<Readonly<Record<string, string>>>> {
  const held = await hold(content, laid)
  if (!held.ok) return held
  // An image is nowhere in a folder; what is to be known of it, its digest says.
  if (!beside || !isAbsolute(beside.ref)) return ok({})
  const folder = laid.place.beside('artifact')
  const copied = await copy(beside, folder, laid)
  return copied.ok ? ok({ STELLWERK_ARTIFACT: folder }) : copied
}

async function hold(content: RunRequest['content'], { store, place, signal }: Laid): Promise<Result<void>> {
  if (content !== null && 'ref' in content) return copy(content, place.folder, { store, place, signal })
  const made = content === null ? await emptyFolder(place.folder) : await store.checkout(content.digest, place.folder)
  if (made.ok) place.giveOver(place.folder)
  return made
}

async function copy({ ref, digest }: ArtifactComponent, folder: string, laid: Laid): Promise<Result<void>> {
  const taken = await laid.store.take(ref, digest, laid.signal)
  if (!taken.ok) return taken
  const copied = await laid.store.checkout(digest, folder)
  if (copied.ok) laid.place.giveOver(folder)
  return copied
}

async function emptyFolder(folder: string): Promise<Result<void>> {
  await mkdir(folder, { mode: 0o700 })
  return ok(undefined)
}
