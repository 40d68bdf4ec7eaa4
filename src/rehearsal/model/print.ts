/** A counterexample as text: given, when, then, with the time of every input since the request. */
import { formatDuration } from '../../core/time.ts'
import type { Failure } from './explore.ts'
import { desiredOf } from './facts.ts'
import { type Move, turned } from './moves.ts'
import type { Space } from './space.ts'
import { START } from './step.ts'

export function counterexample<N>(space: Space<N>, { broken, path }: Failure): string {
  const lines = [`given ${space.name}`]
  let stepped = space.begin()
  lines.push(`  +0ms  request-rollout  → ${eventsOf(stepped.events)}`)
  for (const [at, index] of path.entries()) {
    if (!stepped.ok) break
    const { node } = stepped
    const move = turned(space.moves, node, index)
    if (!move) throw new Error(`the path names move ${index}, which does not exist after ${at} inputs`)
    stepped = space.take(node, move)
    const keyword = at === path.length - 1 ? 'when' : '    '
    lines.push(`${keyword}  ${since(move)}  ${space.describe(node, move)}  → ${eventsOf(stepped.events)}`)
  }
  return [...lines, `then  ${broken}`].join('\n')
}

function since({ at }: Move): string {
  const ms = at - START
  return ms < 0 ? `-${formatDuration(-ms)}` : `+${ms % 1000 === 0 ? formatDuration(ms) : `${ms}ms`}`
}

function eventsOf(events: readonly { readonly type: string; readonly data: object }[]): string {
  if (events.length === 0) return 'nothing'
  return events
    .map(({ type, data }) => {
      if (type === 'CommandIssued' && 'command' in data) return `order ${desiredOf(data.command as never)}`
      return type
    })
    .join(', ')
}
