/**
 * The main job on the embedded default, before your eyes: a first release, a good one that is finalized, a bad one that is
 * rolled back by itself, and an audit log that notices tampering. Exit code 0 only if all of that is true and no request of
 * the steady load was lost.
 */
import { say } from '../../core/say.ts'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyExport } from '../../composition/audit.ts'
import { formatDuration } from '../../core/time.ts'
import type { RolloutView } from '../../core/views.ts'
import { EXIT } from '../../errors.ts'
import { CONTROL_PLANE_FILE } from '../client/connection.ts'
import type { Messages } from '../../text/messages.ts'
import { ranked } from '../screen/block-lines.ts'
import { LiveBlock } from '../screen/live-block.ts'
import { rolloutBlock } from '../screen/rollout-block.ts'
import type { Screen } from '../screen/screen.ts'
import { DEMO_BUILDS, type Load } from './example.ts'
import { type Act, release } from './release.ts'
import { report, verdicts } from './report.ts'
import { clearStage, setStage, type Stage } from './stage.ts'

export type DemoOptions = {
  /** The demo makes a folder of its own in it. */
  readonly parent: string
  /** Leaves everything running until Ctrl-C. */
  readonly keep: boolean
  readonly screen: Screen
  readonly text: Messages
  readonly now: () => number
  readonly signal: AbortSignal
}

const REQUESTS_PER_SECOND = 100

export async function runDemo(options: DemoOptions): Promise<number> {
  const { screen } = options
  const began = performance.now()
  const stage = await setStage(options.parent, DEMO_BUILDS, (text) => screen.progress(text))
  try {
    const code = await play(options, stage, began)
    if (options.keep && !options.signal.aborted) await stay(options, stage)
    return code
  } catch (error) {
    if (options.signal.aborted) return EXIT.detached.code
    throw error
  } finally {
    screen.progress(say`clearing up`)
    await clearStage(stage)
  }
}

async function play(options: DemoOptions, stage: Stage, began: number): Promise<number> {
  const { acts, load } = await perform(options, stage)
  const audit = await stage.running.controlPlane.verifyAudit()
  const outcome = {
    acts,
    counters: load.counters,
    audit,
    tampering: await tamper(stage),
    tookMs: performance.now() - began,
  }
  for (const line of report(outcome, options.screen, options.text)) options.screen.result(line)
  return verdicts(outcome).every(({ holds }) => holds) ? EXIT.done.code : EXIT.failed.code
}

/** The three acts, with users from the first moment somebody serves them. */
async function perform(options: DemoOptions, stage: Stage): Promise<{ acts: readonly Act[]; load: Load }> {
  const block = new LiveBlock(options.screen, options.text.more)
  const acts: Act[] = []
  let load: Load | null = null
  const shown = (view: RolloutView) => {
    load ??= loadFrom(stage, view)
    show(options, { block, acts, load, view })
  }
  try {
    for (const name of DEMO_BUILDS) acts.push(await release(stage, name, { shown, signal: options.signal }))
  } finally {
    block.end()
    await (load as Load | null)?.stop()
  }
  if (load === null) throw new Error(`the first release never served: ${acts[0]?.view.reason}`)
  return { acts, load }
}

/** Users come as soon as somebody serves them. */
function loadFrom({ example }: Stage, { serving: [api] }: RolloutView): Load | null {
  if (!api?.url || api.slots.every(({ weight }) => weight === 0)) return null
  return example.startLoad({ url: api.url, perSecond: REQUESTS_PER_SECOND })
}

type Shown = {
  readonly block: LiveBlock
  readonly acts: readonly Act[]
  readonly load: Load | null
  readonly view: RolloutView
}

let lastLine = ''

function show({ screen, text, now }: DemoOptions, { block, acts, load, view }: Shown): void {
  const before = acts.map(({ build, view: { phase, version }, tookMs }) =>
    text.tell(
      say`  ${phase === 'finalized' ? '✓' : '↩'} ${version} (${build.build.how}): ${text.phases[phase]} in ${formatDuration(tookMs)}`,
    ),
  )
  const traffic = load
    ? [
        text.tell(
          say`  load  ${load.counters.sent} requests, ${load.counters.lost} lost, ${load.counters.badAnswers} bad answers`,
        ),
      ]
    : []
  block.show([...ranked(6, before), ...rolloutBlock(view, now(), text, screen), ...ranked(3, traffic)])
  const serving = text.nowServing(view.serving.map(({ said }) => text.tell(said.text)).join('; '))
  const line = `${view.version}: ${text.phases[view.phase]}. ${serving}`
  if (screen.live || line === lastLine) return
  lastLine = line
  screen.progress(line)
}

/** Changes one event in an export and lets the verification find it. */
async function tamper({ running, folder }: Stage): Promise<string | null> {
  const lines: string[] = []
  for await (const line of running.controlPlane.exportAudit()) lines.push(line)
  const at = lines.findIndex((line) => line.includes('"RollbackTriggered"'))
  const changed = lines.map((line, index) => (index === at ? line.replace('"rollback"', '"abort"') : line))
  const file = join(folder, 'tampered.ndjson')
  await writeFile(file, `${changed.map((line) => line.trimEnd()).join('\n')}\n`)
  const found = await verifyExport(file, { key: null, checkpoints: [], trustOwnKey: true })
  return found.ok ? null : (found.problems[0]?.message ?? 'found')
}

async function stay({ screen, signal }: DemoOptions, stage: Stage): Promise<void> {
  const address = JSON.stringify({ url: stage.running.url, pid: process.pid })
  await writeFile(join(stage.folder, 'data', CONTROL_PLANE_FILE), `${address}\n`, { mode: 0o600 })
  screen.say(say`Still running. Look around: stellwerk status --data ${join(stage.folder, 'data')}   (Ctrl-C ends it)`)
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
