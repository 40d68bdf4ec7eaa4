/** The truth about a slot whose keeper is dead: its instances may well live and serve. */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import type { ObservedSlot } from '../../../core/observed.ts'
import type { LogLine } from '../../../ports/platform.ts'
import { groupMemory, isSameProcess } from '../../command/process-group.ts'
import { largest } from './observation.ts'
import { probe } from './probe.ts'
import { type InstanceRecord, readOrNull, type SlotRecord } from './record.ts'

/** Asks every recorded instance that lives, once, as the keeper would. Counts are as the dead keeper last wrote them. */
export async function observeOrphans(record: SlotRecord, signal: AbortSignal): Promise<ObservedSlot> {
  const living = record.instances.filter(lives)
  const probes = await Promise.all(living.map(({ port }) => probe(port, record.health, signal)))
  const serving = living.filter((_, index) => probes[index]!.ready)
  const { release, digest, version, desired, seen } = record
  return {
    present: true,
    release,
    digest,
    version,
    desired,
    ...seen,
    running: living.length,
    ready: serving.length,
    upstreams: serving.map(({ port }) => `127.0.0.1:${port}`),
    memoryBytes: largest(living.map(({ process }) => groupMemory(process!.pid))),
  }
}

export function lives({ process }: InstanceRecord): boolean {
  return process !== null && isSameProcess(process.pid, process.start)
}

/** The newest lines of the log files in a slot's folder: what is left to read when no keeper holds them in memory. */
export function readLogFiles(folder: string, lines: number): readonly LogLine[] {
  const all = globSync('instance-*.log', { cwd: folder }).flatMap((name) => {
    const instance = name.replace(/\.log$/, '')
    return (readOrNull(join(folder, name)) ?? '').split('\n').flatMap((line) => parseLine(instance, line))
  })
  return lines > 0 ? all.sort((left, right) => left.at - right.at).slice(-lines) : []
}

function parseLine(instance: string, line: string): readonly LogLine[] {
  const [, at, stream, text] = /^(\S+) (out|err) (.*)$/.exec(line) ?? []
  return at === undefined ? [] : [{ at: Date.parse(at), instance, stream: stream as 'out' | 'err', text: text! }]
}
