/** What was last ordered of a route: HAProxy knows weights and servers, but not whose order they are. */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'

const Upstreams = z.array(z.string()).readonly()
const Owner = z.object({ service: z.string(), environment: z.string(), component: z.string() }).readonly()
export type Owner = z.output<typeof Owner>

const Kept = z.object({
  /** Whose route it is; null before anybody's. */
  owner: Owner.nullable(),
  /** Of the last order; an older one is refused. */
  generation: z.int().min(0),
  /** Null once it was removed. */
  route: z.object({ maintenance: z.boolean(), upstreams: z.object({ blue: Upstreams, green: Upstreams }) }).nullable(),
})
export type Kept = z.output<typeof Kept>

export const NOTHING: Kept = { owner: null, generation: 0, route: null }

/**
 * Whose route the backend holds: `ours`, also where it is nobody's yet; `free`: of another component of the same environment,
 * which an order of ours takes over, or one that was removed; `elsewhere`: of somebody else.
 */
export function standingOf({ owner, route }: Kept, own: Owner): 'ours' | 'free' | 'elsewhere' {
  const isSibling = isBeside(owner, own)
  if (owner === null || (isSibling && owner.component === own.component)) return 'ours'
  return isSibling || route === null ? 'free' : 'elsewhere'
}

export function isBeside(one: Owner | null, other: Owner): boolean {
  return one !== null && one.service === other.service && one.environment === other.environment
}

/** Throws where there is something that cannot be read: whether an order is older is then not known. */
export async function readRecord(file: string): Promise<Kept> {
  try {
    return Kept.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return NOTHING
    throw new Error(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

/** Whole or not at all, also when the power goes: the old one until the new one lies on the disk. */
export async function replaceFile(file: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const beside = `${file}.new`
  const handle = await open(beside, 'w', mode)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, file)
}
