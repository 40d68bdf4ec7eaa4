/** A scenario's expectations against what came out: every one that was not met, as a sentence. */
import { formatDuration } from '../core/time.ts'
import type { RehearsedRelease, Rehearsal } from './result.ts'
import type { Expect } from './scenario/expectation.ts'

type Ending = Expect['releases'][string]

export function mismatches({ scenario, ...rehearsal }: Rehearsal): readonly string[] {
  const { expect } = scenario
  if (!expect) return []
  const { releases, serves, users, recreated, components, generations } = rehearsal
  return [
    ...Object.entries(expect.releases).flatMap(([version, ending]) => {
      const found = releases.find((release) => release.version === version)
      return found ? endedOtherwise(found, ending) : [`${version} was never asked for`]
    }),
    ...(expect.serves === undefined || serves === expect.serves
      ? []
      : [`all users should get ${expect.serves} at the end; they get ${serves}`]),
    ...Object.entries(expect.components ?? {}).flatMap(([name, wanted]) => {
      const found = components[name] ?? 'nothing'
      return found === wanted ? [] : [`${name} should be ${wanted} at the end; it is ${found}`]
    }),
    ...generations,
    ...tooMany('answers to users were 5xx', users.bad, expect.badAnswers),
    ...tooMany('requests were lost', users.lost, expect.lost),
    ...tooMany('instances were started again', recreated, expect.recreated),
  ]
}

function endedOtherwise(
  { version, view, endedAt, decidedMs, trafficBackMs }: RehearsedRelease,
  ending: Ending,
): readonly string[] {
  const reason = view.reason ?? ''
  const why = reason === '' ? '' : `: ${reason}`
  const tookMs = endedAt - view.requestedAt
  const { end, within, decidedWithin, trafficBackWithin, because } = ending
  return [
    ...(view.phase === end ? [] : [`${version} should be ${end}; it is ${view.phase}${why}`]),
    ...(because === undefined || reason.includes(because)
      ? []
      : [`${version} should end because of "${because}"; the reason is: ${reason || 'none'}`]),
    ...tooLong(`${version} should end within`, tookMs, within),
    ...(decidedWithin !== undefined && decidedMs === null ? [`${version}: its users were not taken back`] : []),
    ...tooLong(`${version}: it should be taken back, from its first users on, within`, decidedMs ?? 0, decidedWithin),
    ...(trafficBackWithin !== undefined && trafficBackMs === null ? [`${version}: no traffic went back`] : []),
    ...tooLong(`${version}: traffic should be back within`, trafficBackMs ?? 0, trafficBackWithin),
  ]
}

function tooLong(what: string, tookMs: number, mostMs: number | undefined): readonly string[] {
  if (mostMs === undefined || tookMs <= mostMs) return []
  return [`${what} ${formatDuration(mostMs)}; it took ${formatDuration(tookMs)}`]
}

function tooMany(what: string, count: number, most: number | undefined): readonly string[] {
  return most === undefined || count <= most ? [] : [`${count} ${what}, at most ${most} were expected`]
}
