import { say, type Sentence, verbatim } from '../core/say.ts'
import { SCOPES, type IssuedToken, type TokenFacts } from '../ports/identity.ts'
import { parseDuration } from './duration.ts'
import { stamp } from './screen/moments.ts'
import { table } from './screen/table.ts'
import { columnsOf } from './screen/wrapped.ts'
import { defineVerb, usageError, type Verb } from './verb.ts'

const create = defineVerb({
  name: 'token create',
  summary: say`Create a token; its secret is shown only once`,
  takes: ['file', 'json', 'server', 'data'],
  description: say`Only the secret goes to stdout, so that it can be piped into a secret store.`,
  options: {
    name: { flags: '--name <text>', description: say`What it is for`, required: true },
    person: { flags: '--person <id>', description: say`Whose it is: person:alex, ci:github`, required: true },
    role: {
      flags: '--role <role>',
      description: say`A role its holder has, such as release-captain; may be repeated`,
      many: true,
    },
    scope: {
      flags: '--scope <scope>',
      description: say`${SCOPES.join(', ')}; may be repeated`,
      many: true,
      choices: SCOPES,
    },
    forService: {
      flags: '--for-service <name>',
      description: say`Valid for this service only; may be repeated. Default: for all`,
      many: true,
    },
    forEnvironment: {
      flags: '--for-environment <name>',
      description: say`Valid for this environment only; may be repeated. Default: for all`,
      many: true,
    },
    expires: {
      flags: '--expires <duration>',
      description: say`How long it is valid, for example 30d; "never" is possible`,
      default: '90d',
    },
  },
  examples: [
    'stellwerk token create --name "ci of shop" --person ci:github --scope deploy --for-service shop --expires 30d',
  ],
  async run({ options, client, globals, io, screen }) {
    const { name, person, role: roles, scope: scopes, expires } = options
    if (scopes.length === 0)
      throw usageError(say`no scope`, say`give one of ${SCOPES.join(', ')}`, verbatim('--scope read'))
    const expiresAt = expires === 'never' ? null : io.now() + parseDuration(expires, '--expires')
    const reach = { services: onlyFor(options.forService), environments: onlyFor(options.forEnvironment) }
    const body = { name, person, roles, scopes, expiresAt, ...reach }
    const { secret, token } = await client.post<IssuedToken>('/tokens', { doing: say`create the token`, body })
    if (globals.json) screen.result(JSON.stringify({ secret, token }))
    else {
      screen.progress(say`${token.id} for ${token.person}. Keep the secret now; it is not shown again:`)
      screen.result(secret)
    }
    return 0
  },
})

function onlyFor(names: readonly string[]): readonly string[] | null {
  return names.length === 0 ? null : names
}

function reachText({ services, environments }: TokenFacts): Sentence {
  const text = (names: readonly string[] | null) => names?.join(',') ?? '*'
  return services === null && environments === null ? say`everywhere` : say`${text(services)} in ${text(environments)}`
}

const HEAD = [say`ID`, say`PERSON`, say`SCOPES`, say`ROLES`, say`COUNTS FOR`, say`VALID`, say`LAST USED`, say`NAME`]

const list = defineVerb({
  name: 'token list',
  summary: say`List tokens, revoked and expired ones too`,
  takes: ['file', 'json', 'server', 'data'],
  async run({ client, globals, io, screen, text }) {
    const tokens = await client.get<readonly TokenFacts[]>('/tokens', { doing: say`list tokens` })
    const when = (moment: number | null) => (moment === null ? '-' : stamp(moment, io.now()))
    const rows = tokens.map((token) => {
      const { id, name, person, roles, scopes, expiresAt, lastUsedAt, revokedAt } = token
      const state =
        revokedAt !== null
          ? say`revoked ${when(revokedAt)}`
          : expiresAt === null
            ? say`no expiry`
            : say`until ${when(expiresAt)}`
      const held = [scopes.join(','), roles.join(',') || '-', text.tell(reachText(token))]
      return [id, person, ...held, text.tell(state), when(lastUsedAt), name]
    })
    if (globals.json) for (const token of tokens) screen.result(JSON.stringify(token))
    else screen.result(table([HEAD.map(text.tell), ...rows], columnsOf(io.stdout)))
    return 0
  },
})

const revoke = defineVerb({
  name: 'token revoke',
  summary: say`Revoke a token, at once and for ever`,
  takes: ['file', 'server', 'data'],
  args: { id: { description: say`Such as tok_8sK…; see "token list"` } },
  async run({ args, client, screen }) {
    await client.delete(`/tokens/${encodeURIComponent(args.id)}`, { doing: say`revoke ${args.id}` })
    screen.result(say`${args.id} is revoked`)
    return 0
  },
})

export const token: readonly Verb[] = [create, list, revoke]
