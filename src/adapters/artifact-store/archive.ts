/** Archives, unpacked by the system's tar: refused before anything is written when a member would leave the folder. */
import { type Result, failure, ok } from '../../ports/result.ts'
import { allowedEnvironment } from '../command/run.ts'
import { runCommand } from '../command/run.ts'

const LIMIT_MS = 600_000
/** Characters of a listing that are read; an archive with more names than fit is refused. */
const LISTING_LIMIT = 64_000_000

export function isArchive(path: string): boolean {
  return /\.(?:tar|tar\.gz|tgz)$/.test(path)
}

/** Unpacks `archive` into the existing empty `folder`. Absolute names, `..` and devices are `permanent`. */
export async function unpack(archive: string, folder: string, signal: AbortSignal): Promise<Result<void>> {
  const names = await tar(['-t', '-P', '-f', archive], folder, signal)
  if (!names.ok) return names
  const outside = names.value.split('\n').find(leavesFolder)
  if (outside !== undefined) {
    return failure('permanent', `${archive}: the member "${outside}" would be written outside the artifact's folder`)
  }
  const details = await tar(['-t', '-v', '-P', '-f', archive], folder, signal)
  if (!details.ok) return details
  const lines = details.value.split('\n')
  const special = lines.find((line) => line !== '' && !'-dlh'.includes(line[0]!))
  if (special !== undefined) return failure('permanent', `${archive}: "${special}" is neither file, folder nor link`)
  const linked = lines.find((line) => line.startsWith('h') && leavesFolder(/.* link to (.*)$/.exec(line)?.[1] ?? ''))
  if (linked !== undefined)
    return failure('permanent', `${archive}: the hard link "${linked}" leads outside the artifact's folder`)
  // The rights of members, set-user-id among them, are not taken over: the store gives its own.
  const done = await tar(['-x', '-o', '--no-same-permissions', '-f', archive, '-C', folder], folder, signal)
  return done.ok ? ok(undefined) : done
}

function leavesFolder(name: string): boolean {
  return name.startsWith('/') || name.split('/').includes('..')
}

async function tar(options: readonly string[], folder: string, signal: AbortSignal): Promise<Result<string>> {
  const end = await runCommand({
    argv: ['tar', ...options],
    folder,
    environment: { ...allowedEnvironment(process.env), LC_ALL: 'C.UTF-8' },
    timeLimitMs: LIMIT_MS,
    outputLimit: LISTING_LIMIT,
    secrets: [],
    signal,
  })
  if (!end.ok) return end
  const { how, code, output } = end.value
  if (how !== 'exited') return failure('transient', `tar ${options.join(' ')} did not end in time`)
  if (code !== 0)
    return failure('permanent', `tar ${options.join(' ')} ended with exit code ${code}: ${output.trim().slice(-500)}`)
  if (output.startsWith('…')) return failure('permanent', `${options.at(-1)}: too many names to check`)
  return ok(output)
}
