import { quote, say, verbatim } from '../core/say.ts'
import type { IncidentView } from '../core/incident/state.ts'
import { EXIT } from '../errors.ts'
import { mustBeKnown } from './client/rollouts.ts'
import { parseCount } from './count.ts'
import { moment, stamp } from './screen/moments.ts'
import { table } from './screen/table.ts'
import { columnsOf, wrapped } from './screen/wrapped.ts'
import { defineVerb, type Shell, type Verb } from './verb.ts'

const ID_ARG = { description: say`The incident; "stellwerk incident list" shows the open ones` } as const

const list = defineVerb({
  name: 'incident list',
  summary: say`List open incidents, newest first`,
  takes: ['environment', 'service', 'file', 'json', 'server', 'data'],
  options: {
    all: { flags: '--all', description: say`Resolved ones too` },
    lines: { flags: '-n, --lines <count>', description: say`At most this many, up to 500`, default: '100' },
  },
  examples: ['stellwerk incident list', 'stellwerk incident list -e prod --all'],
  talks: true,
  async run({ options, ...shell }) {
    const { client, globals, screen, text, io } = shell
    const { service, environment } = globals
    const query = new URLSearchParams({
      state: options.all ? 'all' : 'open',
      limit: String(parseCount(options.lines, '--lines', 500)),
      ...(service && { service }),
      ...(environment && { environment }),
    })
    const found = await client.get<readonly IncidentView[]>(`/incidents?${query}`, { doing: say`list incidents` })
    if (found.length === 0) await mustBeKnown(shell)
    if (globals.json) for (const each of found) screen.result(JSON.stringify(each))
    else if (found.length === 0) screen.result(options.all ? text.incident.none : text.incident.noneOpen)
    else {
      const rows = found.map(({ id, priority, service, environment, openedAt, phase, title, said }) => [
        id,
        priority,
        `${service} ${environment}`,
        stamp(openedAt, io.now()),
        text.incident.phases[phase],
        text.told(said, title),
      ])
      screen.result(table([text.incident.heads, ...rows], columnsOf(io.stdout)))
    }
    return EXIT.done.code
  },
})

const show = defineVerb({
  name: 'incident show',
  summary: say`Show one incident`,
  takes: ['json', 'server', 'data'],
  args: { id: ID_ARG },
  examples: ['stellwerk incident show incident-shop-prod-7-1785024000000'],
  talks: true,
  async run({ args, ...shell }) {
    const found = await shell.client.get<IncidentView>(pathOf(args.id), {
      doing: say`show the incident ${args.id}`,
      fixes: fixesOf(args.id),
    })
    return tell(shell, found)
  },
})

const ack = defineVerb({
  name: 'incident ack',
  summary: say`Acknowledge an incident: you look after it`,
  takes: ['json', 'server', 'data'],
  description: say`The first to do so is named; doing it again changes nothing.`,
  args: { id: ID_ARG },
  examples: ['stellwerk incident ack incident-shop-prod-7-1785024000000'],
  talks: true,
  async run({ args, ...shell }) {
    const doing = say`acknowledge ${args.id}`
    return tell(
      shell,
      await shell.client.post(pathOf(args.id, '/acknowledge'), {
        doing,
        body: {},
        fixes: fixesOf(args.id),
        anyVersion: true,
      }),
    )
  },
})

const resolve = defineVerb({
  name: 'incident resolve',
  summary: say`Resolve an incident`,
  takes: ['json', 'server', 'data'],
  description: say`A rollout that needs a human is ended by "stellwerk resolve"; this closes the record of what went wrong.`,
  args: { id: ID_ARG },
  options: {
    note: {
      flags: '--note <text>',
      description: say`What was found and done; it stays in the log for ever, so no names and no secrets`,
      required: true,
    },
  },
  examples: ['stellwerk incident resolve incident-shop-prod-7-1785024000000 --note "pool exhausted, fixed in v3"'],
  talks: true,
  async run({ args, options, ...shell }) {
    const [doing, body] = [say`resolve ${args.id}`, { note: options.note }]
    return tell(
      shell,
      await shell.client.post(pathOf(args.id, '/resolve'), { doing, body, fixes: fixesOf(args.id), anyVersion: true }),
    )
  },
})

export const incident: readonly Verb[] = [list, show, ack, resolve]

function pathOf(id: string, rest = ''): string {
  return `/incidents/${encodeURIComponent(id)}${rest}`
}

function fixesOf(id: string) {
  return { 'not-found': verbatim('stellwerk incident list --all'), conflict: verbatim(`stellwerk incident show ${id}`) }
}

function tell({ globals, screen, text, io }: Shell, view: IncidentView): number {
  if (globals.json) screen.result(JSON.stringify(view))
  else
    for (const line of lines(view, { text, io }).flatMap((each) => wrapped(each, columnsOf(io.stdout))))
      screen.result(line)
  return EXIT.done.code
}

function lines(view: IncidentView, { text, io }: Pick<Shell, 'text' | 'io'>): readonly string[] {
  const { id, priority, service, environment, version, rollout, title, said, phase, openedAt, acknowledged, resolved } =
    view
  const { incident } = text
  const at = (when: IncidentView['openedAt']) => moment(when, io.now(), text)
  const seen = acknowledged && incident.acknowledged(acknowledged.by, at(acknowledged.at))
  return [
    `${id}  ${priority}  ${service} ${environment}  ${incident.phases[phase]}`,
    text.told(said, title),
    incident.opened(at(openedAt), rollout, version),
    ...(seen ? [seen] : resolved ? [] : [incident.nobody(`stellwerk incident ack ${id}`)]),
    ...(resolved ? [incident.resolved(resolved.by, at(resolved.at), text.tell(quote(resolved.note)))] : []),
  ]
}
