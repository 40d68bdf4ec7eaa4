/** From what one undisturbed rollout passed through to the deaths that are worth dying. */
import type { Moment } from './boundaries.ts'
import type { Boundary } from './control-plane-process.ts'

/** One state of the world in which the process can die, and every boundary that leaves it in this state. */
export type Point = {
  /** The same point by each of its names; which of them a rollout meets depends a little on what comes together. */
  readonly boundaries: readonly [Boundary, ...Boundary[]]
  readonly standsFor: readonly string[]
}

const READS = /\.(observe|collect|check|read|logs)$/

/** `name · before`: what has to be met at least once. */
export function labelsOf({ names, side }: Moment): readonly string[] {
  return names.map((name) => `${name} · ${side}`)
}

/**
 * Two moments with nothing between them that survives us are one point: what was decided but not committed is gone like
 * what was never decided. Of points with the same names the first is taken: looks repeat as long as a step lasts.
 */
export function pointsOf(moments: readonly Moment[]): readonly Point[] {
  const covered = new Set<string>()
  return grouped(moments).flatMap((group) => {
    const fresh = group.flatMap(boundariesOf).filter((boundary) => !covered.has(labelOf(boundary)))
    const [first, ...others] = fresh
    if (!first) return []
    const standsFor = [...new Set(fresh.map(labelOf))]
    for (const label of standsFor) covered.add(label)
    return [{ boundaries: [first, ...others], standsFor }]
  })
}

function boundariesOf({ names, side }: Moment): readonly Boundary[] {
  return names.map((name) => ({ name, side, occurrence: 1 }))
}

function labelOf({ name, side }: Boundary): string {
  return `${name} · ${side}`
}

/**
 * About a `share` of the points, spread over all of them, and every kind of boundary among them: what happens there, in
 * whichever step and on whichever side of it. `commit CommandDone SetTrafficWeight` is one kind, met twice in each shift.
 */
export function sampleOf<T extends { readonly point: Point }>(tasks: readonly T[], share: number): readonly T[] {
  const met = new Set<string>()
  const chosen = new Set<T>()
  const take = (task: T) => {
    chosen.add(task)
    for (const kind of kindsOf(task.point)) met.add(kind)
  }
  const wanted = Math.ceil(tasks.length * share)
  for (let index = 0; index < wanted; index += 1) take(tasks[Math.floor(index / share)] as T)
  for (const task of tasks) if (kindsOf(task.point).some((kind) => !met.has(kind))) take(task)
  return tasks.filter((task) => chosen.has(task))
}

/** Without the step in which it happens, and whether before or after: `commit CommandDone Drain`. */
export function kindsOf({ standsFor }: Point): readonly string[] {
  return [...new Set(standsFor.map((label) => label.slice(label.indexOf(' · ') + 3, label.lastIndexOf(' · '))))]
}

/** Every single moment, merged with nothing. */
export function everyPoint(moments: readonly Moment[]): readonly Point[] {
  const met = new Map<string, number>()
  return moments.flatMap((moment) => {
    const labels = labelsOf(moment)
    for (const label of labels) met.set(label, (met.get(label) ?? 0) + 1)
    const [name] = moment.names
    if (name === undefined) return []
    const occurrence = met.get(`${name} · ${moment.side}`) ?? 1
    return [{ boundaries: [{ name, side: moment.side, occurrence }], standsFor: labels }]
  })
}

function grouped(moments: readonly Moment[]): readonly (readonly Moment[])[] {
  const groups: Moment[][] = []
  let previous: Moment | null = null
  for (const moment of moments) {
    const group = groups.at(-1)
    if (group && !survives(previous, moment)) group.push(moment)
    else groups.push([moment])
    previous = moment
  }
  return groups
}

/** Did anything happen just before `moment` that outlives a death? A commit, an order carried out, a job taken. */
function survives(previous: Moment | null, { what, side, names }: Moment): boolean {
  if (what === 'commit') return side === 'after'
  if (side === 'after') return !names.every((name) => READS.test(name))
  return previous?.what === 'commit'
}
