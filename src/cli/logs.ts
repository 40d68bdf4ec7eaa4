import { say } from '../core/say.ts'
import type { RolloutView } from '../core/views.ts'
import type { ComponentLogLine } from '../engine/control-plane.ts'
import { EXIT } from '../errors.ts'
import { getStatus, theRollout } from './client/rollouts.ts'
import { parseCount } from './count.ts'
import { ROLLOUT_ARG, ROLLOUT_TAKES } from './intend.ts'
import { getLines, lineText, type LinesWanted } from './log-lines.ts'
import { defineVerb, type Shell } from './verb.ts'
import { delay, startTimer } from '../timers.ts'

const LINES_MAX = 5000
const LOOK_EVERY_MS = 500
/** Lines of several instances come a little out of order: so far back one that is new is still looked for. */
const OVERLAP_MS = 2000

export const logs = defineVerb({
  name: 'logs',
  summary: say`What the instances of a rollout printed`,
  description: say`Each line with its component, version, slot, instance and stream. The lines of a release are kept when it is rolled back or replaced; without a rollout, the one under way is meant, or else the newest.`,
  takes: [...ROLLOUT_TAKES, 'timeout'],
  args: { rollout: ROLLOUT_ARG },
  options: {
    lines: { flags: '-n, --lines <count>', description: say`At most this many, up to ${LINES_MAX}`, default: '100' },
    tail: { flags: '--tail <count>', description: say`The same, under the name that other tools use` },
    component: { flags: '--component <name>', description: say`Of this component only` },
    follow: { flags: '-f, --follow', description: say`Keep printing new lines, until Ctrl-C or --timeout` },
  },
  examples: ['stellwerk logs r-42 -n 20', 'stellwerk logs --component api -f'],
  talks: true,
  async run({ args, options, ...shell }) {
    const lines = parseCount(
      options.tail ?? options.lines,
      options.tail === undefined ? '--lines' : '--tail',
      LINES_MAX,
    )
    const id = args.rollout ?? (await newestRollout(shell))
    const wanted = { lines, component: options.component }
    const found = await getLines(shell.client, id, wanted)
    show(shell, found)
    if (found.length === 0) shell.screen.say(shell.text.noLines(id))
    return options.follow ? followLines(shell, id, { ...wanted, shown: found }) : 0
  },
})

/** The one under way, or else the newest: after a rollback it is the one that people want to know about. */
async function newestRollout(shell: Shell): Promise<string> {
  const { service, environment } = shell.globals
  const holders = (await getStatus(shell)).filter(({ holder }) => holder !== null)
  if (holders.length > 0) return theRollout(shell, undefined)
  const query = new URLSearchParams({ limit: '1', ...(service && { service }), ...(environment && { environment }) })
  const doing = say`find the newest rollout`
  const [newest] = await shell.client.get<readonly RolloutView[]>(`/rollouts?${query}`, { doing })
  return newest?.id ?? theRollout(shell, undefined)
}

function show({ screen, globals, io }: Shell, lines: readonly ComponentLogLine[]): void {
  for (const line of lines) screen.result(globals.json ? JSON.stringify(line) : lineText(line, io.now()))
}

type Following = LinesWanted & { readonly shown: readonly ComponentLogLine[] }

async function followLines(shell: Shell, id: string, { shown, ...wanted }: Following): Promise<number> {
  const over = new AbortController()
  const release = shell.io.onInterrupt(() => over.abort('detached'))
  const { timeoutMs } = shell.globals
  const limit = timeoutMs === null ? undefined : startTimer(() => over.abort('timeout'), timeoutMs)
  try {
    let recent = shown
    while (!over.signal.aborted) {
      await delay(LOOK_EVERY_MS, undefined, { signal: over.signal }).catch(() => {})
      if (over.signal.aborted) break
      const since = Math.max(0, (recent.at(-1)?.at ?? OVERLAP_MS) - OVERLAP_MS)
      const found = await getLines(shell.client, id, { ...wanted, lines: LINES_MAX, since, signal: over.signal })
      show(shell, withoutShown(found, recent))
      if (found.length > 0) recent = found
    }
  } catch (error) {
    if (!over.signal.aborted) throw error
  } finally {
    release()
    limit?.stop()
  }
  return over.signal.reason === 'timeout' ? EXIT.timeout.code : 0
}

/** Those of `found` that were not shown yet; of several equal lines as many as are new. */
export function withoutShown(
  found: readonly ComponentLogLine[],
  shown: readonly ComponentLogLine[],
): readonly ComponentLogLine[] {
  const counts = new Map<string, number>()
  for (const line of shown) counts.set(JSON.stringify(line), (counts.get(JSON.stringify(line)) ?? 0) + 1)
  return found.filter((line) => {
    const left = counts.get(JSON.stringify(line)) ?? 0
    counts.set(JSON.stringify(line), left - 1)
    return left <= 0
  })
}
