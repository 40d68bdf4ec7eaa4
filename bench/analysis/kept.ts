/**
 * A long comparison, in slices that are kept as they come: who ends it loses one slice, several processes can share the work,
 * and what was played is never played again. Each slice is a file of its own, in the folder of one comparison.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cell } from './play.ts'
import type { Policy } from './policy.ts'
import type { World } from './world.ts'

/** A tenth of what is asked for, so that every world has some releases early. */
const SLICES = 10

type Slice = { readonly world: World; readonly policy: Policy; readonly from: number; readonly runs: number }

type Asked = {
  readonly worlds: readonly World[]
  readonly policies: readonly Policy[]
  readonly runsOf: (world: World) => number
}

/** Plays what is not there yet, all worlds' first slice before any world's second, and returns all that is. */
export function playKept(folder: string, asked: Asked, play: (slice: Slice) => Cell): readonly Cell[] {
  mkdirSync(folder, { recursive: true })
  for (let slice = 0; slice < SLICES; slice++) {
    for (const each of slicesOf(asked, slice)) {
      const file = join(
        folder,
        `${nameOf({ world: each.world, policy: each.policy.name })}.${each.from}-${each.from + each.runs}`,
      )
      if (each.runs > 0 && claimed(file)) keep(file, play(each))
    }
  }
  return readKept(folder, asked)
}

function slicesOf({ worlds, policies, runsOf }: Asked, slice: number): readonly Slice[] {
  return worlds.flatMap((world) => {
    const [from, to] = [slice, slice + 1].map((each) => Math.round((each * runsOf(world)) / SLICES))
    return policies.map((policy) => ({ world, policy, from: from!, runs: to! - from! }))
  })
}

type KeptCell = Omit<Cell, 'world'> & { readonly of: string }

/** All that is in the folder, summed up by world and policy, in their order. */
function readKept(folder: string, { worlds, policies }: Asked): readonly Cell[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  const parts = files.map((file): KeptCell => JSON.parse(readFileSync(join(folder, file), 'utf8')))
  const byCell = Map.groupBy(parts, ({ of }) => of)
  return worlds.flatMap((world) =>
    policies.flatMap((policy) => {
      const [first, ...rest] = byCell.get(nameOf({ world, policy: policy.name })) ?? []
      return first ? [rest.reduce<Cell>(summed, { ...first, world })] : []
    }),
  )
}

function nameOf({
  world: { rps, baseline, name },
  policy,
}: {
  readonly world: World
  readonly policy: string
}): string {
  const words = (text: string) => text.replaceAll(/[^\p{L}\p{N}.×]+/gu, '-')
  return `${rps.toFixed(2)}-${baseline}-${words(name)}-${words(policy)}`
}

/** Whoever makes the file first plays it. */
function claimed(file: string): boolean {
  try {
    writeFileSync(`${file}.claim`, `${process.pid}`, { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function keep(file: string, { world, ...cell }: Cell): void {
  const kept: KeptCell = { ...cell, of: nameOf({ world, policy: cell.policy }) }
  writeFileSync(`${file}.part`, JSON.stringify(kept))
  renameSync(`${file}.part`, `${file}.json`)
}

function summed(left: Cell, right: Omit<Cell, 'world'>): Cell {
  return {
    ...left,
    runs: left.runs + right.runs,
    falsely: left.falsely + right.falsely,
    requests: [...left.requests, ...right.requests],
    seconds: [...left.seconds, ...right.seconds],
    bad: [...left.bad, ...right.bad],
  }
}
