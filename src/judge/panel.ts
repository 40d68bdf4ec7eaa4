/** One panel of a plot as SVG: axes, lines of both sides, levels that mean something. Plain numbers in, text out. */
export type Point = readonly [x: number, y: number]
export type Line = { readonly label: string; readonly colour: string; readonly points: readonly Point[] }
/** A level drawn across: a limit, what evidence has to reach. */
export type Level = { readonly label: string; readonly y: number }

export type Panel = {
  readonly title: string
  readonly lines: readonly Line[]
  readonly levels: readonly Level[]
  /** `0.02` → `2 %` */
  readonly format: (value: number) => string
  /** Powers of ten, for what spans many of them. */
  readonly isLog?: true
}

export type Frame = { readonly left: number; readonly top: number; readonly width: number; readonly height: number }
export type Span = { readonly from: number; readonly to: number }

const INK = '#1f2933'
const FAINT = '#d5dbe1'
const LEVEL = '#b42318'
const LOG_LOWEST = 0.01
const LOG_HIGHEST = 1e6
const ROOM_ABOVE = 1.1

export function panelSvg(panel: Panel, frame: Frame, span: Span): string {
  const { left, top, width } = frame
  const scale = scaleOf(panel, frame)
  const x = (at: number) => left + (width * (at - span.from)) / Math.max(1, span.to - span.from)
  const grid = scale.marks.map((mark) => {
    const y = round(scale.y(mark))
    const line = `<line x1="${left}" x2="${left + width}" y1="${y}" y2="${y}" stroke="${FAINT}"/>`
    return line + text(panel.format(mark), { x: left - 8, y: y + 4, anchor: 'end', size: 11 })
  })
  const levels = panel.levels.map(({ label, y: at }) => {
    const y = round(scale.y(at))
    const line = `<line x1="${left}" x2="${left + width}" y1="${y}" y2="${y}" stroke="${LEVEL}" stroke-dasharray="5 4"/>`
    return line + text(label, { x: left + width - 4, y: y - 4, anchor: 'end', size: 11, colour: LEVEL })
  })
  const lines = panel.lines.map(({ colour, points }) => {
    const path = points.map(([at, value]) => `${round(x(at))},${round(scale.y(value))}`).join(' ')
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.8" stroke-linejoin="round"/>`
  })
  const head = text(panel.title, { x: left, y: top - 8, size: 13, isBold: true })
  return [head, ...grid, ...lines, ...levels, legend(panel.lines, left + width, top - 8)].join('\n')
}

function legend(lines: readonly Line[], right: number, y: number): string {
  const spans = lines.map(({ label, colour }) => `<tspan fill="${colour}">— ${escaped(label)}</tspan>`)
  return `<text x="${right}" y="${y}" text-anchor="end" font-size="12">${spans.join('  ')}</text>`
}

type Scale = { readonly y: (value: number) => number; readonly marks: readonly number[] }

function scaleOf({ lines, levels, isLog }: Panel, { top, height }: Frame): Scale {
  const values = [...lines.flatMap(({ points }) => points.map(([, y]) => y)), ...levels.map(({ y }) => y)]
  const highest = values.reduce((most, value) => Math.max(most, value), Number.MIN_VALUE)
  if (isLog) return logScale(highest, top, height)
  const step = niceStep((highest * ROOM_ABOVE) / 4)
  const most = Math.max(step, highest * ROOM_ABOVE)
  const marks = Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step)
  return { marks, y: (value) => top + height * (1 - value / most) }
}

function logScale(highest: number, top: number, height: number): Scale {
  const most = Math.min(LOG_HIGHEST, 10 ** Math.ceil(Math.log10(Math.max(1000, highest))))
  const decades = Math.log10(most / LOG_LOWEST)
  const y = (value: number) => {
    const inside = Math.min(most, Math.max(LOG_LOWEST, value))
    return top + height * (1 - Math.log10(inside / LOG_LOWEST) / decades)
  }
  const marks = Array.from({ length: Math.floor(decades / 2) + 1 }, (_, index) => LOG_LOWEST * 100 ** index)
  return { marks, y }
}

/** 1, 2 or 5 times a power of ten, not below `least`. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10)
}

export type TextStyle = {
  readonly x: number
  readonly y: number
  readonly size: number
  readonly anchor?: 'end' | 'middle'
  readonly colour?: string
  readonly isBold?: true
}

export function text(words: string, { x, y, size, anchor, colour = INK, isBold }: TextStyle): string {
  const weight = isBold ? ' font-weight="600"' : ''
  const where = anchor ? ` text-anchor="${anchor}"` : ''
  // A white edge, so that a line behind it does not cut through.
  const edge = ' stroke="#ffffff" stroke-width="3" paint-order="stroke"'
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${colour}"${edge}${where}${weight}>${escaped(words)}</text>`
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

export function round(value: number): number {
  return Math.round(value * 10) / 10
}
