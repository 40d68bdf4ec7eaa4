/** What instances printed, for people: asked for in one place, labelled in one way. */
import { say } from '../core/say.ts'
import type { ComponentLogLine } from '../engine/control-plane.ts'
import { rolloutPath } from './client/rollouts.ts'
import type { Client } from './client/client.ts'
import { stamp } from './screen/moments.ts'

export type LinesWanted = {
  readonly lines: number
  readonly component?: string | undefined
  readonly since?: number | undefined
  readonly signal?: AbortSignal
}

export function getLines(client: Client, rollout: string, wanted: LinesWanted): Promise<readonly ComponentLogLine[]> {
  const { lines, component, since, signal } = wanted
  const query = new URLSearchParams({
    lines: String(lines),
    ...(component !== undefined && { component }),
    ...(since !== undefined && { since: String(since) }),
  })
  return client.get(rolloutPath(rollout, `/logs?${query}`), {
    doing: say`read the logs of ${rollout}`,
    ...(signal && { signal }),
  })
}

/** `14:02:11  api v1.4.0 green/instance-0 err  listening on 4711`. */
export function lineText(line: ComponentLogLine, now: number): string {
  return `${stamp(line.at, now)}  ${instanceText(line)} ${line.stream}  ${line.text}`
}

/** `api v1.4.0 green/instance-0`. */
export function instanceText({ component, version, slot, instance }: ComponentLogLine): string {
  return `${component} ${version} ${slot}/${instance}`
}

/** The last lines of the instance that ended last by itself, or else of the one that spoke last. */
export function failingInstance(lines: readonly ComponentLogLine[], count: number): readonly ComponentLogLine[] {
  const ended = lines.findLast(({ stream, text }) => stream === 'err' && /^\[stellwerk\] it (?:was )?ended/.test(text))
  const last = ended ?? lines.at(-1)
  return last ? lines.filter((line) => instanceText(line) === instanceText(last)).slice(-count) : []
}
