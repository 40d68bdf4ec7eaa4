/** One rollout, died through at each of its boundaries: worlds are used by turns, and thrown away when one is spoiled. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Moment } from './boundaries.ts'
import type { Boundary } from './control-plane-process.ts'
import { type Expected, deviations, deviationsAtTheEnd, truthOf } from './demands.ts'
import { everyPoint, labelsOf, type Point, pointsOf, sampleOf } from './points.ts'
import type { Beside, Quality } from './service.ts'
import { openWorld, story, type World } from './world.ts'

/** Worlds beside each other: most of a rollout is waiting, and what is not fills two cores. */
export const LANES = 3
/** Which names a commit has depends a little on what comes together: a boundary may need another rollout to be met. */
const ATTEMPTS = 3

/** Each point each time it occurs, instead of its first time: a quarter of an hour. */
const isComplete = process.env['STELLWERK_CRASH_ALL'] === '1'

/** A kind of rollout: what is released beside `api`, and whether that is well. */
export type Kind = { readonly quality: Quality; readonly beside: readonly Beside[] }

const PLAIN: Kind = { quality: 'good', beside: [] }

type Lane = { readonly world: World; stable: string; beside: readonly Beside[]; releases: number }

export type Played = { readonly points: number; readonly boundaries: number; readonly missed: readonly string[] }

/** A rollout to be died through, and the kind of release that serves before it. */
export type Course = { readonly from: Kind; readonly to: Kind }

/** What is played where. */
type Task = { readonly point: Point; readonly course: Course }

export const PLAIN_COURSE: Course = { from: PLAIN, to: PLAIN }
export const BAD_COURSE: Course = { from: PLAIN, to: { quality: 'bad', beside: [] } }

export type Selection = {
  /** What is died through there, elsewhere, is not died through again. */
  readonly known?: readonly Course[]
  /** So many of the points, spread over all of them. */
  readonly sample?: number
  /** This part of the points, every kind of them; every one when this and `sample` are absent. */
  readonly share?: number
}

/** Each of `courses`, one after the other. */
export async function dieEverywhere(
  context: TestContext,
  courses: readonly Course[],
  { known = [], sample, share }: Selection = {},
): Promise<Played> {
  const opened: World[] = []
  const open = async () => {
    const world = await openWorld()
    opened.push(world)
    const lane: Lane = { world, stable: '', beside: [], releases: 0 }
    await play(lane, PLAIN, null)
    return lane
  }
  try {
    const first = await open()
    const before: (readonly Moment[])[] = []
    for (const course of known) before.push(await momentsOf(first, course))
    const all: (readonly Moment[])[] = []
    const tasks: Task[] = []
    for (const course of courses) {
      const moments = await momentsOf(first, course)
      const points = isComplete ? everyPoint(moments) : pointsOf(moments).filter(isNew(moments, [...before, ...all]))
      tasks.push(...points.map((point) => ({ point, course })))
      all.push(moments)
    }
    const chosen = share === undefined || isComplete ? spread(tasks, sample) : sampleOf(tasks, share)
    const missed = await playAll(context, chosen, { first, open })
    return { points: chosen.length, boundaries: new Set(all.flat().flatMap(labelsOf)).size, missed }
  } finally {
    await Promise.all(opened.map((world) => world.close()))
  }
}

/** Plays `course` to whichever points are chosen: nearly all of them must be met. */
export async function survives(context: TestContext, course: Course, selection: Selection = {}): Promise<void> {
  const { points, boundaries, missed } = await dieEverywhere(context, [course], selection)
  context.diagnostic(
    `${points - missed.length} deaths for ${boundaries} boundaries; not met: ${missed.join(', ') || 'none'}`,
  )
  assert.ok(boundaries > 100, `only ${boundaries} boundaries were found: the watch over them is broken`)
  assert.ok(missed.length <= points / 10, `${missed.length} of ${points} points were not met: ${missed.join(', ')}`)
}

function spread(tasks: readonly Task[], sample: number | undefined): readonly Task[] {
  if (sample === undefined || isComplete) return tasks
  const every = Math.max(1, Math.floor(tasks.length / sample))
  return tasks.filter((_, index) => index % every === 0)
}

async function playAll(
  context: TestContext,
  tasks: readonly Task[],
  { first, open }: { readonly first: Lane; readonly open: () => Promise<Lane> },
): Promise<readonly string[]> {
  const free = [first]
  const missed: string[] = []
  await inLanes(tasks, (task) =>
    context.test(nameOf(task.point), async () => {
      // One that stands where the course begins needs no release to get there.
      const at = free.findLastIndex(({ beside }) => sameSet(beside, task.course.from.beside))
      const lane = free.splice(at, 1)[0] ?? (await open())
      if (!(await dieAt(task, lane))) missed.push(nameOf(task.point))
      // Only a world in which nothing was found is used again.
      free.push(lane)
    }),
  )
  await context.test('nothing is missing at the end', async () => {
    for (const { world } of free) assert.deepEqual(await deviationsAtTheEnd(world), [])
  })
  return missed
}

async function momentsOf(lane: Lane, { from, to }: Course): Promise<readonly Moment[]> {
  if (!sameSet(lane.beside, from.beside)) await play(lane, from, null)
  await play(lane, to, null)
  return lane.world.held.trace()
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.join() === right.join()
}

/** Up to its trigger a bad rollout is a good one: there the control plane dies in the test of the good one. */
function isNew(moments: readonly Moment[], elsewhere: readonly (readonly Moment[])[]): (point: Point) => boolean {
  const trigger = moments.findIndex(({ names }) => names.some((name) => name.endsWith('RollbackTriggered')))
  const known = new Set(elsewhere.flat().flatMap(labelsOf))
  const before = new Set(moments.slice(0, trigger < 0 ? moments.length : trigger).flatMap(labelsOf))
  const isBack = elsewhere.some((each) =>
    each.flatMap(({ names }) => names).some((name) => /RollbackTriggered/.test(name)),
  )
  return ({ standsFor }) => !standsFor.every((label) => known.has(label) && (isBack || before.has(label)))
}

/** Messages first: one that dies on its way is repeated half a minute later, and somebody has to wait for it. */
async function inLanes(tasks: readonly Task[], play: (task: Task) => Promise<void>): Promise<void> {
  const waiting = tasks.toSorted((one, other) => Number(isMessage(other.point)) - Number(isMessage(one.point)))
  const lane = async () => {
    for (let task = waiting.shift(); task; task = waiting.shift()) await play(task)
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
async function dieAt({ point: { boundaries }, course: { from, to } }: Task, lane: Lane): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const boundary = boundaries[attempt % boundaries.length]
    if (!sameSet(lane.beside, from.beside)) await play(lane, from, null)
    if (boundary && (await play(lane, to, boundary))) return true
  }
  return false
}

/** One release; true when it died where it should, or should not die at all. */
async function play(lane: Lane, { quality, beside }: Kind, dieAt: Boundary | null): Promise<boolean> {
  const { world } = lane
  const version = `1.0.${lane.releases}`
  lane.releases += 1
  const expected: Expected =
    quality === 'good'
      ? { status: 'finalized', version, beside }
      : { status: 'rolled-back', version: lane.stable, beside: lane.beside }
  const state = await world.release({ version, quality, beside }, dieAt)
  const death = world.held.death()
  const found = [...(await deviations(world, state, expected)), ...(death ? await truthOf(world, death) : [])]
  if (found.length > 0)
    assert.fail([...found, `death: ${JSON.stringify(death)}`, ...(await story(world, state.id))].join('\n'))
  lane.stable = expected.version
  lane.beside = expected.beside
  return dieAt === null || death !== null
}
