/**
 * A judgement as a picture: errors of both sides, a latency quantile where it was counted, and the evidence, over time, with
 * every limit and the moment of the decision. One SVG that needs nothing else: no script, no font, no style sheet.
 */
import { allowedShare, isLatency } from '../core/analysis/reading.ts'
import { latency, METRIC_NAMES, percent, timeOfDay } from '../core/analysis/text.ts'
import { histogramQuantile, mergeHistograms } from '../core/histogram.ts'
import type { Role } from '../core/observed.ts'
import { english, type Part, say } from '../core/say.ts'
import type { Instant } from '../core/time.ts'
import type { CountRule, CoursePoint, Judged } from './judge.ts'
import { type Frame, type Level, niceStep, type Panel, panelSvg, type Point, round, text } from './panel.ts'

export type PlotOptions = {
  /** Above everything: `fail: take the candidate back`. */
  readonly title?: string
  /** Labels in another language than English. */
  readonly tell?: (part: Part) => string
}

const COLOURS: Readonly<Record<Role, string>> = { candidate: '#c2410c', live: '#1d4f91' }
const HOLD_COLOUR = '#7a6a00'
const WIDTH = 900
const LEFT = 74
const RIGHT = 36
const HEAD = 40
const PANEL = 150
const GAP = 48
const FOOT = 34
/** One point of several ticks where there are more than these: single ticks of a few requests are mostly noise. */
const POINTS_MAX = 80
/** Evidence is a sum already, so that only what no screen shows is left out. */
const EVIDENCE_MAX = 800
/** What took longer than every edge has no height. */
const HIGHEST_MS = 36_000_000

export function plotSvg(judged: Judged, { title, tell = english }: PlotOptions = {}): string {
  const panels = panelsOf(judged, tell)
  const height = HEAD + panels.length * (PANEL + GAP) + FOOT
  const frame = (index: number): Frame => ({
    left: LEFT,
    top: HEAD + GAP / 2 + index * (PANEL + GAP),
    width: WIDTH - LEFT - RIGHT,
    height: PANEL,
  })
  const span = { from: judged.from, to: judged.to }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...(title === undefined ? [] : [text(title, { x: LEFT, y: 26, size: 16, isBold: true })]),
    ...panels.map((panel, index) => panelSvg(panel, frame(index), span)),
    decision(judged, height, tell),
    times(judged, height),
    '</svg>',
    '',
  ].join('\n')
}

type Tell = (part: Part) => string

function panelsOf(judged: Judged, tell: Tell): readonly Panel[] {
  const { course, evidence, rules } = judged
  const groups = grouped(course)
  const errors: Panel = {
    title: tell(say`errors`),
    lines: ofBoth(groups, errorRate, tell),
    levels: limitsOf(rules, 'error-rate', percent, tell),
    format: percent,
  }
  const latencies = latencyPanel(groups, rules, tell)
  const isTimed = latencies.lines.some(({ points }) => points.length > 0)
  const compared = evidence === null ? [] : [evidencePanel(judged, evidence, tell)]
  return [errors, ...(isTimed ? [latencies] : []), ...compared]
}

/** Of the quantile that the rules look at, p95 without any. */
function latencyPanel(groups: readonly Group[], rules: readonly CountRule[], tell: Tell): Panel {
  const metric = rules.map(({ metric }) => metric).find(isLatency) ?? 'latency-p95'
  const q = 1 - allowedShare(metric)
  return {
    title: tell(METRIC_NAMES[metric]),
    lines: ofBoth(groups, (group, role) => quantileOf(group, role, q), tell),
    levels: limitsOf(rules, metric, latency, tell),
    format: latency,
  }
}

function ofBoth(
  groups: readonly Group[],
  value: (group: Group, role: Role) => number | null,
  tell: Tell,
): Panel['lines'] {
  return (['live', 'candidate'] as const).map((role) => ({
    label: tell(ROLE_NAMES[role]),
    colour: COLOURS[role],
    points: pointsOf(groups, (group) => value(group, role)),
  }))
}

const ROLE_NAMES = { candidate: say`candidate`, live: say`live` } as const

function evidencePanel({ course }: Judged, { demanded }: NonNullable<Judged['evidence']>, tell: Tell): Panel {
  const every = Math.ceil(course.length / EVIDENCE_MAX)
  const shown = course.filter((_, index) => (course.length - 1 - index) % every === 0)
  const points = (of: 'rollback' | 'hold') =>
    shown.flatMap(({ tick, evidence }): readonly Point[] => (evidence === null ? [] : [[tick.to, evidence[of]]]))
  return {
    title: tell(say`evidence against the candidate`),
    isLog: true,
    lines: [
      { label: tell(say`for holding`), colour: HOLD_COLOUR, points: points('hold') },
      { label: tell(say`for a rollback`), colour: COLOURS.candidate, points: points('rollback') },
    ],
    levels: [
      { label: tell(say`rollback`), y: demanded.rollback },
      { label: tell(say`hold`), y: demanded.hold },
    ],
    format: (value) =>
      value >= 1000 ? `10${SUPERSCRIPT[Math.round(Math.log10(value))] ?? ''}` : String(round(value * 100) / 100),
  }
}

/** Of the powers of ten that evidence is drawn in. */
const SUPERSCRIPT = '⁰¹²³⁴⁵⁶'

function grouped(course: readonly CoursePoint[]): readonly (readonly CoursePoint[])[] {
  const size = Math.ceil(course.length / POINTS_MAX)
  return Array.from({ length: Math.ceil(course.length / size) }, (_, index) =>
    course.slice(index * size, (index + 1) * size),
  )
}

type Group = readonly CoursePoint[]

function pointsOf(groups: readonly Group[], value: (group: Group) => number | null): readonly Point[] {
  return groups.flatMap((group): readonly Point[] => {
    const y = value(group)
    return y === null ? [] : [[group.at(-1)!.tick.to, y]]
  })
}

function errorRate(group: Group, role: Role): number | null {
  const sum = (of: 'requests' | 'errors') => group.reduce((all, { tick }) => all + tick[role][of], 0)
  const requests = sum('requests')
  return requests === 0 ? null : sum('errors') / requests
}

function quantileOf(group: Group, role: Role, q: number): number | null {
  const [first, ...rest] = group.map(({ tick }) => tick[role].latency)
  const ms = histogramQuantile(rest.reduce(mergeHistograms, first!), q)
  return ms === null || ms >= HIGHEST_MS ? null : ms
}

/** Every limit that the rules name for a metric, each once. */
function limitsOf(
  rules: readonly CountRule[],
  metric: string,
  format: (value: number) => string,
  tell: Tell,
): readonly Level[] {
  const limits = rules
    .filter((rule) => rule.metric === metric)
    .flatMap((rule) => {
      if (rule.kind === 'sequential') return [rule.limit]
      return rule.kind === 'limit' ? [rule.max, rule.trigger?.above ?? null].filter((limit) => limit !== null) : []
    })
  return [...new Set(limits)].map((y) => ({ y, label: tell(say`limit ${format(y)}`) }))
}

/** A line down through all panels where the verdict was reached. */
function decision({ from, to, decidedAt, outcome }: Judged, height: number, tell: Tell): string {
  if (outcome !== 'fail') return ''
  const x = round(timeX(decidedAt, from, to))
  const line = `<line x1="${x}" x2="${x}" y1="${HEAD}" y2="${height - FOOT}" stroke="#1f2933" stroke-width="1.2"/>`
  const isLate = x > WIDTH / 2
  const where = isLate ? ({ x: x - 6, anchor: 'end' } as const) : { x: x + 6 }
  return (
    line + text(tell(say`decided ${timeOfDay(decidedAt as Instant)}`), { ...where, y: height - FOOT - 4, size: 11 })
  )
}

function timeX(at: number, from: number, to: number): number {
  return LEFT + ((WIDTH - LEFT - RIGHT) * (at - from)) / Math.max(1, to - from)
}

/** Moments along the foot, at whole steps of a length that people count in. */
function times({ from, to }: Judged, height: number): string {
  const least = (to - from) / 8
  const step = TIME_STEPS_MS.find((each) => each >= least) ?? niceStep(least)
  const first = Math.ceil(from / step) * step
  const marks = Array.from(
    { length: Math.max(0, Math.floor((to - first) / step) + 1) },
    (_, index) => first + index * step,
  )
  return marks
    .map((at) => text(timeOfDay(at as Instant), { x: timeX(at, from, to), y: height - 10, size: 11, anchor: 'middle' }))
    .join('\n')
}

const TIME_STEPS_MS = [1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200].map(
  (s) => s * 1000,
)
