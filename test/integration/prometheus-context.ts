/** A context in which a metrics source reaches whom it likes, by the clock of this machine. */
import { restrictedHttp } from '../../src/adapters/http.ts'
import { systemClock } from '../../src/composition/clock.ts'
import type { AdapterContext } from '../../src/ports/adapter.ts'
import { adapterContext } from '../../src/testing/adapter-context.ts'

export function prometheusContext(changes: Partial<AdapterContext> = {}): AdapterContext {
  return adapterContext({ clock: systemClock, http: restrictedHttp({ mayReach: () => true, fetch }), ...changes })
}
