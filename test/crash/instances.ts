/** The instances that really run, counted from /proc: what the control plane believes does not matter here. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export type Instance = {
  readonly pid: number
  readonly component: string
  readonly version: string
  readonly slot: string
}

/** Living processes that were started as instances for `world` (the value of CRASH_WORLD in their environment). */
export function instancesOf(world: string): readonly Instance[] {
  return living((pid) => instanceAt(pid, world))
}

function instanceAt(pid: number, world: string): Instance | null {
  const environment = read(`/proc/${pid}/environ`).split('\0')
  if (!environment.includes(`CRASH_WORLD=${world}`) || isZombie(pid)) return null
  const value = (name: string) => environment.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
  const component = value('STELLWERK_COMPONENT')
  return { pid, component, version: value('STELLWERK_VERSION'), slot: value('STELLWERK_SLOT') }
}

export type Standing = {
  readonly supervisors: readonly number[]
  readonly routers: readonly number[]
  readonly all: readonly number[]
}

/** What works in `folder`: supervisors and the router live in their own folders there, and their instances below. */
export function standingIn(folder: string): Standing {
  const all = living((pid) => {
    const place = placeOf(pid)
    return place.startsWith(`${folder}/`) && !isZombie(pid) ? { pid, place: place.slice(folder.length) } : null
  })
  const pids = (some: typeof all) => some.map(({ pid }) => pid)
  return {
    supervisors: pids(all.filter(({ place }) => /^\/data\/slots\/.*\/(blue|green)$/.test(place))),
    // Its workers carry its name with a word more.
    routers: pids(
      all.filter(({ pid }) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() === 'stellwerk-router'),
    ),
    all: pids(all),
  }
}

function placeOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

/** More processes of one component and version than were ever desired: what no moment may show. */
export function doubled(instances: readonly Instance[], desired: number): readonly Instance[] {
  const byVersion = Map.groupBy(instances, ({ component, version }) => `${component} ${version}`)
  return [...byVersion.values()].filter((some) => some.length > desired).flat()
}

/** Looks ten times a second; answers what was ever seen doubled. */
export function watchInstances(world: string, desired: number) {
  const seen: string[] = []
  const known = new Map<number, Known>()
  const timer = setInterval(() => {
    if (doubled(recalled(world, known), desired).length === 0) return
    const more = doubled(instancesOf(world), desired)
    if (more.length > 0) seen.push(JSON.stringify(more))
  }, 100)
  return { seen, stop: () => clearInterval(timer) }
}

type Known = { readonly instance: Instance | null; readonly looks: number }

/**
 * Processes of before are not read again: ten looks a second at a whole machine would be what the machine does. Each is read
 * twice, since one that is just being started still has its parent's environment.
 */
function recalled(world: string, known: Map<number, Known>): readonly Instance[] {
  const pids = new Set(allPids())
  for (const pid of known.keys()) if (!pids.has(pid)) known.delete(pid)
  for (const pid of pids) {
    const looks = (known.get(pid)?.looks ?? 0) + 1
    if (looks <= 2) known.set(pid, { instance: instanceAt(pid, world), looks })
  }
  return [...known.values()].flatMap(({ instance }) => instance ?? [])
}

function living<T>(of: (pid: number) => T | null): readonly T[] {
  return allPids().flatMap((pid) => of(pid) ?? [])
}

function allPids(): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
}

function isZombie(pid: number): boolean {
  return /^State:\s+[ZX]/m.test(read(`/proc/${pid}/status`))
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
