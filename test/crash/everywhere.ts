/** One rollout, died through at each of its boundaries: worlds are used by turns, and thrown away when one is spoiled. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Moment } from './boundaries.ts'
import type { Boundary } from './control-plane-process.ts'
import type { Expected } from './demands.ts'
import { deviations, deviationsAtTheEnd, truthOf } from './demands.ts'
import { everyPoint, labelsOf, type Point, pointsOf } from './points.ts'
import type { Quality } from './service.ts'
import { openWorld, story, type World } from './world.ts'

/** Worlds beside each other: most of a rollout is waiting, and what is not fills two cores. */
export const LANES = 3
/** Which names a commit has depends a little on what comes together: a boundary may need another rollout to be met. */
const ATTEMPTS = 3

/** Each point each time it occurs, instead of its first time: a quarter of an hour. */
const isComplete = process.env['STELLWERK_CRASH_ALL'] === '1'

type Lane = { readonly world: World; stable: string; releases: number }

export type Played = { readonly points: number; readonly boundaries: number; readonly missed: readonly string[] }

export async function dieEverywhere(context: TestContext, quality: Quality): Promise<Played> {
  const opened: World[] = []
  const open = async () => {
    const world = await openWorld()
    opened.push(world)
    const lane: Lane = { world, stable: '', releases: 0 }
    await play(lane, 'good', null)
    return lane
  }
  try {
    const first = await open()
    const shared = quality === 'good' ? [] : await goodMoments(first)
    await play(first, quality, null)
    const moments = await first.world.held.trace()
    const points = isComplete ? everyPoint(moments) : pointsOf(moments).filter(isNew(moments, shared))
    const free = [first]
    const missed: string[] = []
    await inLanes(points, (point) =>
      context.test(nameOf(point), async () => {
        const lane = free.pop() ?? (await open())
        if (!(await dieAt(point, lane, quality))) missed.push(nameOf(point))
        // Only a world in which nothing was found is used again.
        free.push(lane)
      }),
    )
    await context.test('nothing is missing at the end', async () => {
      for (const { world } of free) assert.deepEqual(await deviationsAtTheEnd(world), [])
    })
    return { points: points.length, boundaries: new Set(moments.flatMap(labelsOf)).size, missed }
  } finally {
    await Promise.all(opened.map((world) => world.close()))
  }
}

async function goodMoments(lane: Lane): Promise<readonly Moment[]> {
  await play(lane, 'good', null)
  return lane.world.held.trace()
}

/** Up to its trigger a bad rollout is a good one: there the control plane dies in the test of the good one. */
function isNew(moments: readonly Moment[], good: readonly Moment[]): (point: Point) => boolean {
  const trigger = moments.findIndex(({ names }) => names.some((name) => name.endsWith('RollbackTriggered')))
  const known = new Set(good.flatMap(labelsOf))
  const before = new Set(moments.slice(0, trigger < 0 ? 0 : trigger).flatMap(labelsOf))
  return ({ standsFor }) => !standsFor.every((label) => known.has(label) && before.has(label))
}

/** Messages first: one that dies on its way is repeated half a minute later, and somebody has to wait for it. */
async function inLanes(points: readonly Point[], play: (point: Point) => Promise<void>): Promise<void> {
  const waiting = points.toSorted((one, other) => Number(isMessage(other)) - Number(isMessage(one)))
  const lane = async () => {
    for (let point = waiting.shift(); point; point = waiting.shift()) await play(point)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

function isMessage({ boundaries: [{ name }] }: Point): boolean {
  return name.startsWith('beside')
}

function nameOf({ boundaries: [{ name, side, occurrence }], standsFor }: Point): string {
  const often = occurrence === 1 ? '' : `, time ${occurrence}`
  return `${side} ${name}${often}${standsFor.length > 1 ? ` (and ${standsFor.length - 1} more at this point)` : ''}`
}

/** False: in none of these rollouts was the boundary met, by none of its names; all of them ended as they should. */
async function dieAt({ boundaries }: Point, lane: Lane, quality: Quality): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const boundary = boundaries[attempt % boundaries.length]
    if (boundary && (await play(lane, quality, boundary))) return true
  }
  return false
}

/** One release; true when it died where it should, or should not die at all. */
async function play(lane: Lane, quality: Quality, dieAt: Boundary | null): Promise<boolean> {
  const { world } = lane
  const version = `1.0.${lane.releases}`
  lane.releases += 1
  const expected: Expected =
    quality === 'good' ? { status: 'finalized', version } : { status: 'rolled-back', version: lane.stable }
  const state = await world.release({ version, quality }, dieAt)
  const death = world.held.death()
  const found = [...(await deviations(world, state, expected)), ...(death ? await truthOf(world, death) : [])]
  if (found.length > 0)
    assert.fail([...found, `death: ${JSON.stringify(death)}`, ...(await story(world, state.id))].join('\n'))
  lane.stable = expected.version
  return dieAt === null || death !== null
}
