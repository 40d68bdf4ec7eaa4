/**
 * The service's own numbers: each query is asked by itself, at the moment of the counts, so that one that is wrong does not
 * take the others with it. An answer counts only while every selector that ever had samples has some of lately (law L3).
 */
import type { OwnAnswer, Slot } from '../../../core/observed.ts'
import type { OwnQuery } from '../../../ports/metrics-source.ts'
import { failure, ok, type Result, type Target } from '../../../ports/result.ts'
import type { PrometheusOptions } from './options.ts'
import { readNumber, readVector } from './answer.ts'
import { type Api, where } from './api.ts'
import { FRESH_INTERVALS, LOOK_BACK_MS, type Moment, PART } from './query.ts'
import { filled } from './selector.ts'
import { selectorsIn } from './selectors-in.ts'

/** Prometheus answers 20 at once where it was not told otherwise, and has others to answer. */
const AT_ONCE = 8

export type OwnLook = {
  readonly options: PrometheusOptions
  readonly target: Target
  readonly moment: Moment
  readonly api: Api
}

type Asked = { readonly id: string; readonly slots: readonly Slot[]; readonly text: string; readonly maxAgeMs: number }
type Answers = Readonly<Record<string, Readonly<Record<Slot, OwnAnswer>>>>

export async function ownAnswers(queries: readonly OwnQuery[], look: OwnLook): Promise<Answers> {
  const asked = queries.flatMap((query) => askedOf(query, look))
  const answers: Record<string, Record<Slot, OwnAnswer>> = {}
  for (let at = 0; at < asked.length; at += AT_ONCE) {
    const some = asked.slice(at, at + AT_ONCE)
    const brought = await Promise.all(some.map((one) => answerTo(one, look)))
    for (const [index, { id, slots }] of some.entries()) {
      const same = Object.fromEntries(slots.map((slot) => [slot, brought[index]!]))
      answers[id] = { ...answers[id], ...same } as Record<Slot, OwnAnswer>
    }
  }
  return answers
}

/** Nobody could be asked anything. */
export function allUnknown(queries: readonly OwnQuery[], unknown: string): Answers {
  return Object.fromEntries(queries.map(({ id }) => [id, { blue: { unknown }, green: { unknown } }]))
}

/** Once per slot, or once for both. */
function askedOf({ id, query, perSlot, maxAgeMs }: OwnQuery, { options, target }: OwnLook): readonly Asked[] {
  const of = (slots: readonly Slot[]) => {
    const text = filled(query, { ...target, slot: options.slot[slots[0]!] })
    return { id, slots, text, maxAgeMs: maxAgeMs ?? FRESH_INTERVALS * options.scrapeIntervalMs }
  }
  return perSlot ? [of(['blue']), of(['green'])] : [of(['blue', 'green'])]
}

async function answerTo(asked: Asked, look: OwnLook): Promise<OwnAnswer> {
  const [value, stale] = await Promise.all([numberOf(asked, look), staleOf(asked, look)])
  const problem = !value.ok ? value.message : !stale.ok ? stale.message : stale.value
  if (value.ok && problem === null) return { value: value.value }
  const which = asked.slots.length === 1 ? ` (slot ${asked.slots[0]})` : ''
  const said = (problem ?? '').replace(`${where(look.options)}: `, '')
  return { unknown: `${where(look.options)}${which}: ${said}` }
}

async function numberOf({ text }: Asked, { api, moment }: OwnLook): Promise<Result<number>> {
  const result = await api.ask({ query: text, time: moment.time, type: 'number' })
  return result.ok ? readNumber(result.value) : result
}

/** Which selector had samples once and has none of lately, or null. One that never had any is the query's own business. */
async function staleOf({ text, maxAgeMs }: Asked, { api, moment }: OwnLook): Promise<Result<string | null>> {
  const selectors = selectorsIn(text)
  if (selectors.length === 0) return ok(null)
  const range = Math.max(LOOK_BACK_MS, 2 * maxAgeMs)
  const parts = selectors.flatMap((selector, index) => [
    `label_replace(count(last_over_time(${selector}[${range}ms])), "${PART}", "known.${index}", "", "")`,
    `label_replace(count(last_over_time(${selector}[${maxAgeMs}ms])), "${PART}", "fresh.${index}", "", "")`,
  ])
  const result = await api.ask({ query: parts.join(' or '), time: moment.time, type: 'vector' })
  const values = result.ok ? readVector(result.value) : result
  if (!values.ok) return failure(values.kind, values.message)
  const has = new Set(values.value.map(({ labels }) => labels[PART]))
  const stale = selectors.find((_, index) => has.has(`known.${index}`) && !has.has(`fresh.${index}`))
  return ok(stale === undefined ? null : `${stale} has no sample of the last ${maxAgeMs / 1000} s`)
}
