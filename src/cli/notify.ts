import { quote, say, verbatim } from '../core/say.ts'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { TestedRoute } from '../engine/control-plane.ts'
import { EXIT, whyUnread } from '../errors.ts'
import { DELIVERY_STATES, type Delivery } from '../ports/deliveries.ts'
import { TOPICS } from '../stellwerk-yaml/notify.ts'
import type { Messages } from '../text/messages.ts'
import { mustBeKnown } from './client/rollouts.ts'
import { parseCount } from './count.ts'
import { stamp } from './screen/moments.ts'
import { table } from './screen/table.ts'
import { columnsOf } from './screen/wrapped.ts'
import { defineVerb, type GlobalKey, type Shell, usageError, type Verb } from './verb.ts'

const PLACE: readonly GlobalKey[] = ['environment', 'service', 'file', 'json', 'server', 'data']
const LISTED = 100
const FIXES = {
  'not-found': verbatim('stellwerk notify list'),
  conflict: verbatim('stellwerk notify list --dead'),
} as const

const list = defineVerb({
  name: 'notify list',
  summary: say`List messages with their delivery on each route, newest first`,
  takes: PLACE,
  options: {
    dead: { flags: '--dead', description: say`Only what was given up on` },
    limit: { flags: '--limit <count>', description: say`How many at most`, default: String(LISTED) },
  },
  examples: ['stellwerk notify list -e prod', 'stellwerk notify list --dead'],
  talks: true,
  async run({ options, ...shell }) {
    const { globals, screen, client, text, io } = shell
    const limit = String(parseCount(options.limit, '--limit', 1000))
    const state = options.dead ? { state: DELIVERY_STATES[2] } : {}
    const query = new URLSearchParams({ ...placeOf(shell), ...state, limit })
    const found = await client.get<readonly Delivery[]>(`/notifications?${query}`, { doing: say`list the messages` })
    if (found.length === 0) await mustBeKnown(shell)
    if (globals.json) for (const each of found) screen.result(JSON.stringify(each))
    else if (found.length === 0) screen.result(options.dead ? text.notify.noDead : text.notify.none)
    else screen.result(table([text.notify.heads, ...rowsOf(found, shell)], columnsOf(io.stdout)))
    return EXIT.done.code
  },
})

function rowsOf(found: readonly Delivery[], { text, io }: Shell): readonly (readonly string[])[] {
  return found.map(
    ({ id, createdAt, service, environment, event, to, state, attempts, failure, receipt, dismissed }) => [
      id,
      stamp(createdAt, io.now()),
      `${service} ${environment}`,
      event,
      to,
      text.notify.states[state],
      String(attempts),
      dismissed === null
        ? answered(failure ?? receipt, text)
        : text.notify.dismissedBy(dismissed.by, text.tell(quote(dismissed.reason))),
    ],
  )
}

/** What a channel said is its own words. */
function answered(words: string | null, text: Messages): string {
  return words === null ? '-' : text.tell(quote(words))
}

const replay = defineVerb({
  name: 'notify replay',
  summary: say`Send dead letters again`,
  takes: PLACE,
  args: { id: { description: say`Such as shop-prod-7/12/0; see "notify list --dead"`, optional: true } },
  options: { allDead: { flags: '--all-dead', description: say`All of them, within -e and --service where given` } },
  examples: ['stellwerk notify replay shop-prod-7/12/0', 'stellwerk notify replay --all-dead -e prod'],
  talks: true,
  async run({ options, args, ...shell }) {
    const { globals, screen, client, text } = shell
    if ((args.id === undefined) === !options.allDead)
      throw usageError(
        say`which messages?`,
        say`name one, or all that were given up on`,
        verbatim('stellwerk notify replay --all-dead'),
      )
    const ids = args.id === undefined ? null : [args.id]
    const body = { ids, ...(ids === null ? placeOf(shell) : {}) }
    const sent = await client.post<readonly Delivery[]>('/notifications/replay', {
      doing: say`send them again`,
      body,
      fixes: FIXES,
    })
    if (sent.length === 0) await mustBeKnown(shell)
    if (globals.json) for (const each of sent) screen.result(JSON.stringify(each))
    else screen.result(sent.length === 0 ? text.notify.noDead : text.notify.sentAgain(sent.length))
    return EXIT.done.code
  },
})

const dismiss = defineVerb({
  name: 'notify dismiss',
  summary: say`Dismiss dead letters that nobody needs any more`,
  takes: PLACE,
  description: say`They are no longer an alarm, and cannot be sent again. "notify list" shows who dismissed them, and why.`,
  args: { id: { description: say`Such as shop-prod-7/12/0; see "notify list --dead"`, optional: true } },
  options: {
    allDead: { flags: '--all-dead', description: say`All of them, within -e and --service where given` },
    reason: {
      flags: '--reason <text>',
      description: say`Why; it is shown with the message, so no names and no secrets`,
    },
  },
  examples: ['stellwerk notify dismiss shop-prod-7/12/0 --reason "told by phone"'],
  talks: true,
  async run({ options, args, ...shell }) {
    const { globals, screen, client, text } = shell
    const reason = options.reason?.trim() ?? ''
    if ((args.id === undefined) === !options.allDead || reason === '')
      throw usageError(
        reason === '' ? say`why?` : say`which messages?`,
        say`name one, or all that were given up on; the reason is kept with them`,
        verbatim('stellwerk notify dismiss shop-prod-7/12/0 --reason "told by phone"'),
      )
    const ids = args.id === undefined ? null : [args.id]
    const body = { ids, reason, ...(ids === null ? placeOf(shell) : {}) }
    const gone = await client.post<readonly Delivery[]>('/notifications/dismiss', {
      doing: say`dismiss them`,
      body,
      fixes: FIXES,
    })
    if (gone.length === 0) await mustBeKnown(shell)
    if (globals.json) for (const each of gone) screen.result(JSON.stringify(each))
    else screen.result(gone.length === 0 ? text.notify.noDead : text.notify.dismissed(gone.length))
    return EXIT.done.code
  },
})

const test = defineVerb({
  name: 'notify test',
  summary: say`Send a test message by every route of the spec, and show the outcome on each`,
  takes: PLACE.filter((key) => key !== 'service'),
  description: say`It is marked as a test, but really sent: a route to a pager pages somebody. Exit code 0 when every route took it, 1 when one did not or none asks for it.`,
  options: {
    on: {
      flags: '--on <topic>',
      description: say`Only routes that ask for this event or priority; absent: every route`,
      choices: TOPICS,
    },
  },
  examples: ['stellwerk notify test -e prod', 'stellwerk notify test -e prod --on P1'],
  talks: true,
  async run({ options, ...shell }) {
    const { globals, screen, client, text, io } = shell
    const { environment } = globals
    if (environment === null)
      throw usageError(
        say`no environment`,
        say`routes belong to one environment`,
        verbatim('stellwerk notify test -e prod'),
      )
    const body = { source: await sourceOf(shell), environment, on: options.on ?? null }
    const routes = await client.post<readonly TestedRoute[]>('/notifications/test', {
      doing: say`test the routes`,
      body,
    })
    if (globals.json) for (const each of routes) screen.result(JSON.stringify(each))
    else if (routes.length === 0) screen.result(text.notify.nobodyAsks(environment, options.on ?? null))
    else {
      const rows = routes.map((each) => [
        each.on.join(','),
        each.to,
        each.event,
        text.notify.outcomes[each.outcome],
        text.tell(quote(each.detail)),
      ])
      screen.result(table([text.notify.testHeads, ...rows], columnsOf(io.stdout)))
    }
    const arrived = routes.length > 0 && routes.every(({ outcome }) => outcome === 'delivered')
    return arrived ? EXIT.done.code : EXIT.failed.code
  },
})

export const notify: readonly Verb[] = [list, replay, dismiss, test]

function placeOf({ globals: { service, environment } }: Shell): { service?: string; environment?: string } {
  return { ...(service && { service }), ...(environment && { environment }) }
}

async function sourceOf({ globals, io }: Shell) {
  const file = resolve(io.cwd, globals.file)
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw usageError(say`cannot read the spec ${globals.file}`, whyUnread(error, file), say`name it with --file`)
  })
  return { text, file: globals.file, folder: dirname(file) }
}
