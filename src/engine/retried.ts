/** Two who begin the same stream at the same moment: there is nothing yet that one of them could wait for. */
import { ConcurrencyError } from '../ports/store.ts'

const ATTEMPTS = 3

/** Whoever lost begins again, and finds what the other has made: the first policy of an environment, a version. */
export async function retried<T>(work: () => Promise<T>, attempt = 1): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ConcurrencyError) || attempt >= ATTEMPTS) throw error
    return retried(work, attempt + 1)
  }
}
