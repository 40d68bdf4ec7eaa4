/** What is allowed and will disappoint: steps that see too little, and rules that stop healthy releases at this traffic. */
import type { ExpectedTraffic, Step } from '../plan.ts'
import { SEQUENTIAL_DEFAULTS } from '../analysis/sequential/options.ts'
import { falseAlarms } from './false-alarms.ts'
import { firingNotes } from './firing.ts'
import { formatDuration } from '../time.ts'
import { limitText, percent } from '../analysis/text.ts'
import {
  meansReaching,
  times,
  type ComponentForecast,
  type Foreseen,
  type KnownTraffic,
  type StepForecast,
} from './detectable-effect.ts'
import { exposuresOf } from './exposure.ts'
import { type LimitRule, type RelativeRule, type Rule, isComparison } from '../analysis/rules.ts'
import { type Sentence, say } from '../say.ts'

/** A step that finds nothing below so many times live's errors (or the floor, where live has fewer) is said to see too little. */
const SEES_LITTLE_TIMES = 5
/** Of 100 healthy releases a rule may stop one; the sequential comparison keeps to that at any traffic. */
const STOPPED_MAX = 1

export function forecastWarnings(forecast: ComponentForecast, foreseen: Foreseen): readonly Sentence[] {
  const { component, traffic, steps } = forecast
  const firing = firingNotes(forecast, foreseen)
  if (traffic === null) {
    if (foreseen.minRequests === 0) return []
    return [unknownTraffic(component), ...firing.map((text) => say`${component}: ${text}`)]
  }
  return [
    ...unseeingSteps(steps, traffic),
    ...firing,
    ...foreseen.rules.flatMap((rule) => [
      ...stopping(rule, traffic, foreseen),
      ...(rule.kind === 'limit' ? delaying(rule, traffic, foreseen) : []),
    ]),
  ].map((text) => say`${component}: ${text}`)
}

function unknownTraffic(component: string): Sentence {
  const key = `components.${component}.traffic: { requestsPerSecond: 20, errorRate: 0.5% }`
  return say`${component}: its traffic is not known, so nobody can say what a step sees; declare it, for example \`${key}\``
}

function unseeingSteps(steps: readonly StepForecast[], traffic: KnownTraffic): readonly Sentence[] {
  const judged = steps.some(({ effects }) => effects.some(({ smallest }) => smallest !== null))
  if (!judged && steps.length > 0) {
    return [
      say`no step sees errors at ${traffic.requestsPerSecond} requests/s; \`compare: sequential\` sees most with little traffic`,
    ]
  }
  return steps.flatMap((step) => {
    const found = step.effects.map(({ smallest }) => smallest).filter((smallest) => smallest !== null)
    const unit = Math.max(traffic.errorRate, SEQUENTIAL_DEFAULTS.errors.floor)
    const smallest = Math.min(...found)
    if (found.length > 0 && smallest <= SEES_LITTLE_TIMES * unit * (1 + 1e-9)) return []
    const least =
      found.length === 0
        ? say`no error rate at all`
        : say`no less than ${percent(smallest)} errors (${times(smallest / unit)} times ${percent(unit)})`
    const where = say`${step.weight} % for ${formatDuration(step.holdMs)} (step ${step.step + 1})`
    return [say`${where} sees too little: it is likely to see ${least}; hold longer, or give it more traffic`]
  })
}

function stopping(rule: Rule, traffic: KnownTraffic, foreseen: Foreseen): readonly Sentence[] {
  if (rule.kind === 'sequential' || rule.kind === 'silence' || rule.kind === 'own' || rule.metric !== 'error-rate')
    return []
  const { minRequests, tickMs, steps } = foreseen
  const shape = { rps: traffic.requestsPerSecond, baseline: traffic.errorRate, minRequests, tickMs }
  const alarms = falseAlarms(rule, { ...shape, steps: exposuresOf(steps) })
  if (alarms === null || alarms.stoppedOf100 - alarms.standardError <= STOPPED_MAX) return []
  const stopped = roughly(alarms.stoppedOf100)
  const at = say`at ${traffic.requestsPerSecond} requests/s with ${percent(traffic.errorRate)} errors`
  return [
    say`"${rule.id}" (${describe(rule)}) would stop about ${stopped} of 100 healthy releases ${at}; ${instead(rule, foreseen)}`,
  ]
}

/** As exact as some hundred played releases are. */
function roughly(of100: number): number {
  return of100 < 10 ? Math.round(of100) : Math.min(99, 5 * Math.round(of100 / 5))
}

function describe(rule: LimitRule | RelativeRule): Sentence {
  if (rule.kind === 'relative')
    return say`+${percent(rule.margin)} over ${formatDuration(rule.forMs)} relative to ${rule.to}`
  const { above, forMs } = rule.trigger ?? { above: 0, forMs: 0 }
  return say`above ${limitText(rule.metric, above)} over ${formatDuration(forMs)}`
}

function instead(rule: LimitRule | RelativeRule, { rules }: Foreseen): Sentence {
  const compared = rules.some(({ kind, metric }) => kind === 'sequential' && metric === rule.metric)
  const wider = rule.kind === 'limit' ? say`raise \`above\` or lengthen \`for\`` : null
  if (compared && wider !== null) return wider
  if (compared)
    return say`remove it: the sequential comparison beside it answers the same question and knows what chance does`
  const given =
    rule.kind === 'relative' ? `tolerance: ${percent(rule.margin)}` : `max: ${percent(rule.trigger?.above ?? 0)}`
  return say`${wider === null ? say`use` : say`${wider}, or use`} \`{ metric: ${rule.metric}, compare: sequential, ${given.replace(' %', '%')} }\``
}

/** A `max` so near to what live does that the chance of one step keeps healthy releases waiting. */
function delaying(rule: LimitRule, traffic: KnownTraffic, { steps }: Foreseen): readonly Sentence[] {
  const { max } = rule
  if (rule.metric !== 'error-rate' || max === null) return []
  if (!delaysHealthy(max, traffic, steps)) return []
  const near = say`live's own ${percent(traffic.errorRate)} are too near to it`
  return [say`"${rule.id}" (at most ${percent(max)}) would hold more than 5 of 100 healthy releases: ${near}`]
}

/** A first release, and live in the watch after a rollback, have nothing beside them. */
export function onlyComparisons({ rules, steps, components }: Foreseen): readonly Sentence[] {
  if (rules.length === 0 || !rules.every(isComparison)) return []
  const known = components.flatMap(({ traffic }) => traffic ?? [])
  const max = suggestedMax(known, steps)
  const limit = max === null ? '…' : percent(max).replace(' ', '')
  const usual = known.length > 0 ? say`which healthy releases keep at this traffic` : say`a usual limit to begin with`
  return [
    say`every rule compares with live: a first release, and live in the watch after a rollback, are judged by nothing, so a person is asked; add \`{ metric: error-rate, max: ${limit} }\`, ${max === null ? say`with a limit that live's own errors keep` : usual}`,
  ]
}

/** A usual day is not every day. */
const ROOM = 2
const ROUND = [SEQUENTIAL_DEFAULTS.errors.limit, 0.05, 0.1, 0.2]

/** The least round limit that keeps no healthy release waiting at this traffic; null where live's own errors leave none. */
export function suggestedMax(traffic: readonly ExpectedTraffic[], steps: readonly Step[]): number | null {
  const isNear = (max: number, each: ExpectedTraffic) => max < ROOM * each.errorRate || delaysHealthy(max, each, steps)
  return ROUND.find((max) => !traffic.some((each) => isNear(max, each))) ?? null
}

/** A limit so near to what live does that the chance of one step keeps more than 5 of 100 healthy releases waiting. */
export function delaysHealthy(
  max: number,
  { requestsPerSecond, errorRate }: ExpectedTraffic,
  steps: readonly Step[],
): boolean {
  return exposuresOf(steps).some(({ weight, holdMs }) => {
    const requests = (requestsPerSecond * holdMs * weight) / 100_000
    return requests * errorRate > meansReaching(Math.floor(max * requests) + 1).seldom
  })
}
