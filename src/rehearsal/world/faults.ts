/** Orders that go wrong: each call of an adapter asks here what becomes of it. */
import { after } from '../../core/time.ts'
import type { Clock } from '../../ports/clock.ts'
import { failure, type Result } from '../../ports/result.ts'
import type { Fault } from '../scenario/schema.ts'

export type Part = Fault['in']
export type Faults = {
  begin(fault: Fault): void
  end(fault: Fault): void
  /** The answer that metrics are made to give now, if any. */
  ofMetrics(): Fault['answers'] | null
  /**
   * Performs one order of a part, disturbed as the scenario says. `ignored` is what an adapter answers that has done
   * nothing; without it such an order is performed.
   */
  disturb<T>(call: Call<T>): Promise<Result<T>>
}

export type Call<T> = {
  readonly part: Part
  readonly order: string
  readonly perform: () => Result<T> | Promise<Result<T>>
  readonly ignored?: () => Result<T>
}

type Active = { readonly fault: Fault; left: number }

export function faults(clock: Clock): Faults {
  let active: readonly Active[] = []

  function take({ part, order }: Pick<Call<unknown>, 'part' | 'order'>): Fault | null {
    const found = active.find(
      ({ fault, left }) => left > 0 && fault.in === part && (fault.orders === 'any' || fault.orders === order),
    )
    if (!found) return null
    found.left -= 1
    return found.fault
  }

  return {
    begin: (fault) => {
      active = [...active, { fault, left: fault.times ?? Number.POSITIVE_INFINITY }]
    },
    end: (fault) => {
      active = active.filter((each) => each.fault !== fault)
    },
    ofMetrics: () => active.find(({ fault }) => fault.in === 'metrics')?.fault.answers ?? null,
    async disturb(call) {
      const fault = take(call)
      if (fault === null) return call.perform()
      if (fault.slow !== undefined) await clock.sleepUntil(after(clock.now(), fault.slow))
      return answered(fault, call)
    },
  }
}

async function answered<T>({ answers }: Fault, call: Call<T>): Promise<Result<T>> {
  const { part, order, perform, ignored } = call
  const said = `rehearsed: ${part} ${order}`
  switch (answers) {
    case 'transient':
    case 'permanent':
      return failure(answers, `${said} was refused`)
    case 'unknown':
      return failure('unknown', `${said} broke off`)
    case 'lost':
      await perform()
      return failure('unknown', `${said}: its answer was lost`)
    case 'never':
      return new Promise(() => undefined)
    case 'ignored':
      return ignored ? ignored() : perform()
    default:
      return perform()
  }
}
