/** Orders that go wrong: each call of an adapter asks here what becomes of it. */
import { after } from '../../core/time.ts'
import type { Clock } from '../../ports/clock.ts'
import { failure, type Result } from '../../ports/result.ts'
import type { Fault } from '../scenario/schema.ts'

export type Part = Fault['in']
export type Faults = {
  begin(fault: Fault): void
  end(fault: Fault): void
  /**
   * Performs one order of a part, disturbed as the scenario says. Where a part cannot ignore or lie, it performs.
   */
  disturb<T>(call: Call<T>): Promise<Result<T>>
}

export type Call<T> = {
  readonly part: Part
  readonly order: string
  /** Is told how it is to answer, for what only some adapters can do. */
  readonly perform: (answers: Fault['answers']) => Result<T> | Promise<Result<T>>
  /** What is there without the order. */
  readonly ignored?: () => Result<T> | Promise<Result<T>>
  /** What would be there with it. */
  readonly lied?: () => Result<T> | Promise<Result<T>>
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
    async disturb(call) {
      const fault = take(call)
      if (fault === null) return call.perform('well')
      if (fault.slow !== undefined) await clock.sleepUntil(after(clock.now(), fault.slow))
      return answered(fault, call)
    },
  }
}

async function answered<T>({ answers }: Fault, call: Call<T>): Promise<Result<T>> {
  const { part, order, perform, ignored, lied } = call
  const said = `rehearsed: ${part} ${order}`
  switch (answers) {
    case 'transient':
    case 'permanent':
      return failure(answers, `${said} was refused`)
    case 'unknown':
      return failure('unknown', `${said} broke off`)
    case 'lost':
      await perform('well')
      return failure('unknown', `${said}: its answer was lost`)
    case 'never':
      return new Promise(() => undefined)
    case 'ignored':
      return ignored ? ignored() : perform('well')
    case 'lies':
      return lied ? lied() : perform('well')
    default:
      return perform(answers)
  }
}
