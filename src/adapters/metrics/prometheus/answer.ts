/** What the HTTP API answers, read with suspicion: only the shapes that were asked for, only finite numbers. */
import { failure, ok, type Result } from '../../../ports/result.ts'

export type Labels = Readonly<Record<string, string>>
export type Value = { readonly labels: Labels; readonly value: number }
/** Samples from old to new, `[seconds, value]`; old ones may be NaN or infinite. */
export type Samples = { readonly labels: Labels; readonly samples: readonly (readonly [number, number])[] }

type Envelope = {
  readonly status?: unknown
  readonly error?: unknown
  readonly errorType?: unknown
  readonly warnings?: unknown
  readonly data?: { readonly resultType?: unknown; readonly result?: unknown }
}

const SHOWN = 200

/** `number`: a scalar, or a vector; whether that is one number, `readNumber` says. */
export type Wanted = 'scalar' | 'vector' | 'matrix' | 'number'

/** The result of a query, when it is one of the wanted type and came without a warning. */
export function resultOf(body: string, type: Wanted): Result<readonly unknown[]> {
  const envelope = parsed(body)
  if (envelope === null) return failure('transient', `it answered no JSON object but "${excerpt(body)}"`)
  const { status, error, errorType, warnings, data } = envelope
  if (status !== 'success') return failure('permanent', `it refused the query: ${excerpt(`${errorType}: ${error}`)}`)
  if (Array.isArray(warnings) && warnings.length > 0) {
    const said = excerpt(warnings.join('; '))
    return failure('transient', `it warns, so what it answers may be incomplete: ${said}`)
  }
  const types: readonly unknown[] = type === 'number' ? ['scalar', 'vector'] : [type]
  if (!types.includes(data?.resultType) || !Array.isArray(data?.result)) {
    return failure('permanent', `it answered a ${excerpt(String(data?.resultType))} where a ${type} was asked for`)
  }
  return ok(data.result)
}

/** What an error answer says of itself, or the beginning of whatever it holds. */
export function errorOf(body: string): string {
  const envelope = parsed(body)
  return excerpt(envelope === null || envelope.error === undefined ? body.trim() : String(envelope.error))
}

export function readScalar(result: readonly unknown[]): Result<number> {
  const value = number(result[1])
  return value === null ? failure('transient', `it answered ${excerpt(JSON.stringify(result))} as its time`) : ok(value)
}

/** Exactly one finite number, of a scalar or of a vector. */
export function readNumber(result: readonly unknown[]): Result<number> {
  const isScalar = typeof result[0] === 'number'
  if (!isScalar && result.length === 0) return failure('transient', 'it answered nothing: no series match')
  if (!isScalar && result.length > 1) {
    const which = result
      .slice(0, 2)
      .map((entry) => seriesText(fields(entry).metric))
      .join(', ')
    return failure(
      'permanent',
      `it answered ${result.length} series (${which}, …) where one number is wanted: sum() them`,
    )
  }
  const { metric, value, histogram } = isScalar
    ? { metric: {}, value: result, histogram: undefined }
    : fields(result[0])
  if (histogram !== undefined) {
    return failure('permanent', `${seriesText(metric)} is a histogram, not a number: take its histogram_quantile()`)
  }
  const found = Array.isArray(value) ? number(value[1]) : null
  return found === null ? failure('transient', notFinite(value)) : ok(found)
}

function notFinite(value: unknown): string {
  const text = Array.isArray(value) ? String(value[1]) : excerpt(JSON.stringify(value) ?? 'nothing')
  return `it answered ${text}, which is no finite number${text === 'NaN' ? ' (0 divided by 0: did nothing happen?)' : ''}`
}

export function readVector(result: readonly unknown[]): Result<readonly Value[]> {
  const values: Value[] = []
  for (const entry of result) {
    const { metric, value, histogram } = fields(entry)
    if (histogram !== undefined) return failure('permanent', native(metric))
    const pair = Array.isArray(value) ? number(value[1]) : null
    if (pair === null) return unusable(entry, metric)
    values.push({ labels: metric, value: pair })
  }
  return ok(values)
}

export function readMatrix(result: readonly unknown[]): Result<readonly Samples[]> {
  const series: Samples[] = []
  for (const entry of result) {
    const { metric, values, histograms } = fields(entry)
    if (histograms !== undefined) return failure('permanent', native(metric))
    const samples = Array.isArray(values) ? values.map(sample) : [null]
    if (samples.some((each) => each === null)) return unusable(entry, metric)
    series.push({ labels: metric, samples: samples.filter((each) => each !== null) })
  }
  return ok(series)
}

/** `{slot="green",le="0.3"}` for people. */
export function seriesText(labels: Labels): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}}`
}

function parsed(body: string): Envelope | null {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

type Entry = { readonly metric: Labels; readonly [member: string]: unknown }

function fields(entry: unknown): Entry {
  const members = typeof entry === 'object' && entry !== null ? entry : {}
  const metric = 'metric' in members && typeof members.metric === 'object' ? members.metric : null
  return { ...members, metric: (metric ?? {}) as Labels }
}

function sample(value: unknown): readonly [number, number] | null {
  if (!Array.isArray(value) || typeof value[0] !== 'number' || typeof value[1] !== 'string') return null
  return [value[0], Number(value[1].replace('Inf', 'Infinity'))]
}

/** Numbers are text in the answers: `"12"`, `"NaN"`, `"+Inf"`. Null for all that is not finite. */
function number(text: unknown): number | null {
  if (typeof text !== 'string' || text.trim() === '') return null
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}

function unusable(entry: unknown, labels: Labels): Result<never> {
  const { metric: _, ...rest } = fields(entry)
  return failure(
    'transient',
    `it answered no finite number for ${seriesText(labels)}: ${excerpt(JSON.stringify(rest))}`,
  )
}

function native(labels: Labels): string {
  return `${seriesText(labels)} is a native histogram: have the classic buckets scraped as well and name them`
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length <= SHOWN ? line : `${line.slice(0, SHOWN)}…`
}
