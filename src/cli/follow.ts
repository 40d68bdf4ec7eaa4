/**
 * Follows a rollout to its end, or until something ends the watching: Ctrl-C, --timeout, a wait that --no-wait does not
 * take part in, or a control plane that stays away. The control plane owns the run; nothing here changes it.
 */
import { say, type Told } from '../core/say.ts'
import { formatDuration } from '../core/time.ts'
import type { RolloutView } from '../core/views.ts'
import { EXIT, type ExitName, StellwerkError } from '../errors.ts'
import type { StoredEvent } from '../ports/store.ts'
import { eventFeed, type FedEvent } from './client/event-feed.ts'
import { getRollout, rolloutPath, servingNow, servingSaid } from './client/rollouts.ts'
import { failingInstance, getLines, instanceText } from './log-lines.ts'
import type { EndName } from '../text/messages.ts'
import { Reporter } from './reporter.ts'
import { stamp } from './screen/moments.ts'
import { columnsOf, wrapped } from './screen/wrapped.ts'
import type { Shell } from './verb.ts'
import { startTimer, timeLimit } from '../timers.ts'

/** The exit code a rollout has come to, or null while there is something to wait for. */
export function exitOf(view: RolloutView, wait: boolean): number | null {
  if (view.exitCode !== null) return view.exitCode
  if (view.phase === 'needs-human') return EXIT.needsHuman.code
  if (wait) return null
  if (view.phase === 'queued') return EXIT.held.code
  if (view.phase === 'approvals') return EXIT.approval.code
  const blocked = view.phase === 'gates' && view.verdicts.some(({ outcome }) => outcome === 'fail')
  return blocked ? EXIT.gate.code : null
}

type Cut = 'detached' | 'timeout'

/**
 * Follows, says how it ended and what serves now, and answers the exit code. With `since` only what happened from that
 * moment on is told: who has just ordered a rollback needs no history in the middle of an incident.
 */
export async function follow(shell: Shell, first: RolloutView, patienceMs: number, since = 0): Promise<number> {
  const over = new AbortController()
  const { timeoutMs } = shell.globals
  const cut = (why: Cut) => over.abort(why)
  const release = shell.io.onInterrupt(() => cut('detached'))
  const timer = timeoutMs === null ? undefined : startTimer(() => cut('timeout'), timeoutMs)
  const reporter = new Reporter(shell, since)
  let view = first
  try {
    const options = { client: shell.client, rollout: first.id, patienceMs, signal: over.signal }
    view = await run(shell, reporter, options, (seen) => {
      view = seen
    })
  } catch (error) {
    if (!over.signal.aborted) throw lastSeen(error, view)
  } finally {
    release()
    timer?.stop()
    reporter.end()
  }
  const code = exitOf(view, shell.globals.wait)
  return code === null ? sayCut(shell, await newest(shell, view), over.signal.reason as Cut) : sayEnd(shell, view, code)
}

type RunOptions = Pick<Parameters<typeof eventFeed>[0], 'client' | 'rollout' | 'patienceMs' | 'signal'>

async function run(
  shell: Shell,
  reporter: Reporter,
  options: RunOptions,
  seen: (view: RolloutView) => void,
): Promise<RolloutView> {
  const lost = (why: Told) => reporter.note(shell.text.lost(shell.text.tell(why)))
  const backAgain = () => reporter.note(shell.text.backAgain)
  let last = 0
  for await (const batch of eventFeed({ ...options, lost, backAgain })) {
    for (const event of batch) reporter.event(event)
    last = batch.at(-1)?.id ?? last
    const view = await look(options)
    if (view === null) continue
    seen(view)
    reporter.view(view)
    if (exitOf(view, shell.globals.wait) === null) continue
    for (const event of await rest(options, last)) reporter.event(event)
    reporter.view(view, true)
    return view
  }
  throw options.signal.reason
}

const NEWEST_LIMIT_MS = 2000

/** Where the watching was cut, the last look may be older than what users get by now (law L10). */
async function newest({ client }: Shell, seen: RolloutView): Promise<RolloutView> {
  return getRollout(client, seen.id, timeLimit(NEWEST_LIMIT_MS)).catch(() => seen)
}

/** Null when the control plane went away between the event and this look: the feed notices and comes back. */
async function look({ client, rollout, signal }: RunOptions): Promise<RolloutView | null> {
  try {
    return await getRollout(client, rollout, signal)
  } catch (error) {
    if (error instanceof StellwerkError && error.exit === 'unreachable') return null
    throw error
  }
}

/** What happened between the last event seen and the end. */
async function rest({ client, rollout, signal }: RunOptions, after: number): Promise<readonly FedEvent[]> {
  const path = rolloutPath(rollout, `/events?after=${after}&limit=1000`)
  const events = await client.get<readonly StoredEvent[]>(path, { doing: say`read the last events`, signal })
  return events.map((event) => ({ id: event.position, json: JSON.stringify(event) }))
}

function lastSeen(error: unknown, view: RolloutView): unknown {
  if (!(error instanceof StellwerkError) || error.exit !== 'unreachable') return error
  const { what, why } = error.text
  const seen = say`unknown: control plane unreachable; when last seen: ${servingSaid(view.serving)}`
  const fix = say`when it is back: stellwerk watch ${view.id} (the rollout then continues by itself)`
  return new StellwerkError('unreachable', { what, why, serving: seen, fix }, error)
}

const ENDS: Readonly<Record<number, EndName>> = Object.fromEntries(
  (
    ['done', 'failed', 'gate', 'approval', 'rolledBack', 'needsHuman', 'held'] as const satisfies readonly ExitName[]
  ).map((name) => [EXIT[name].code, name]),
)

/** Says how it ended, why, what serves now and what goes on; answers the exit code. */
export async function sayEnd(shell: Shell, view: RolloutView, code: number): Promise<number> {
  const { screen, text, globals } = shell
  const serving = text.nowServing(await servingNow(shell, view))
  if (LINES_HELP.has(code)) await sayLastLines(shell, view)
  const end = text.ends[ENDS[code] ?? 'failed'](view.version, view.environment)
  const why = view.reason === null || code === 0 ? [] : [text.told(view.reasonSaid ?? undefined, view.reason)]
  const goOn = view.exitCode === null && view.waiting?.command ? [text.goesOnWith(view.waiting.command)] : []
  const to = globals.json ? 'stderr' : 'stdout'
  const lines = [screen.paint(code === 0 ? 'green' : 'red', end, to), ...why, serving, ...goOn]
  const shown = lines.flatMap((line) => wrapped(line, columnsOf(shell.io[to]))).join('\n')
  if (globals.json) screen.progress(shown)
  else screen.result(shown)
  return code
}

/** Ends of which the failing instance's own words may say why. */
const LINES_HELP: ReadonlySet<number> = new Set([EXIT.failed.code, EXIT.rolledBack.code, EXIT.needsHuman.code])
const LAST_LINES = 12
const LINES_LIMIT_MS = 3000

/** What the instance said that failed; nothing where none was started, or nobody can be asked. */
async function sayLastLines({ client, screen, text, io }: Shell, { id }: RolloutView): Promise<void> {
  const asked = { lines: 500, signal: timeLimit(LINES_LIMIT_MS) }
  const lines = failingInstance(await getLines(client, id, asked).catch(() => []), LAST_LINES)
  const [first] = lines
  if (!first) return
  screen.say(text.lastLines(instanceText(first)))
  for (const { at, text: said } of lines) screen.say(`  ${stamp(at, io.now())}  ${said}`)
  screen.say(text.moreLines(`stellwerk logs ${id}`))
}

/** Says that the rollout goes on without us, how to follow it again and how to stop it. */
export async function sayCut(shell: Shell, view: RolloutView, cut: Cut): Promise<number> {
  const { screen, text, globals } = shell
  const limit = formatDuration(globals.timeoutMs ?? 0)
  const stop = view.candidate.weight > 0 ? 'rollback' : 'abort'
  screen.say(cut === 'timeout' ? text.timedOut(view.id, limit) : text.detached(view.id))
  screen.say(text.followAgain(`stellwerk watch ${view.id}`))
  screen.say(text.stopIt(`stellwerk ${stop} ${view.id} --reason "…"`))
  screen.say(text.nowServing(await servingNow(shell, view)))
  return EXIT[cut].code
}
