/**
 * Plays scenarios in a thread of their own. The test runner follows every promise of the thread that it runs in, and a week
 * played in a second makes millions of them: there half of the time would go into that.
 */
import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import type { Rehearsal } from '../../src/rehearsal/result.ts'
import type { Scenario } from '../../src/rehearsal/scenario/schema.ts'
import { play } from './play.ts'

type Asked = { readonly scenario: Scenario; readonly spec: string | undefined }
type Played = { readonly ok: true; readonly rehearsal: Rehearsal } | { readonly ok: false; readonly why: unknown }

export type Player = {
  /** One after the other; throws what playing threw. */
  play(scenario: Scenario, spec?: string): Promise<Rehearsal>
  end(): Promise<unknown>
}

export function startPlayer(): Player {
  const worker = new Worker(import.meta.filename)
  return {
    async play(scenario, spec) {
      const asked: Asked = { scenario, spec }
      worker.postMessage(asked, [])
      const [played] = (await once(worker, 'message')) as [Played]
      if (!played.ok) throw played.why
      return played.rehearsal
    },
    end: () => worker.terminate(),
  }
}

async function answerTo({ scenario, spec }: Asked): Promise<Played> {
  try {
    return { ok: true, rehearsal: await play(scenario, spec) }
  } catch (why) {
    return { ok: false, why }
  }
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort
  port.on('message', async (asked: Asked) => port.postMessage(await answerTo(asked)))
}
