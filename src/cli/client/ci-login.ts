/**
 * In a CI job without a stored token: the forge's own token of the job is exchanged for one of ours, once per run of the command
 * line and again before it ends, so that whoever follows a release for an hour stays let in.
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { quote, say, type Told, verbatim } from '../../core/say.ts'
import { StellwerkError } from '../../errors.ts'
import { AUDIENCE } from '../../ports/identity.ts'
import { timeLimit } from '../../timers.ts'

const TIME_LIMIT_MS = 15_000
/** A token that ends so soon is exchanged anew before it is used. */
const BEFORE_END_MS = 60_000

export type CiToken = { readonly secret: string; readonly expiresAt: number }

export type CiPlace = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => number
  /** `--service`, `-e`, and where stellwerk.yaml lies. */
  readonly service: string | null
  readonly environment: string | null
  readonly file: string
  readonly cwd: string
}

/** Null outside of a forge's CI. Throws what to write into the workflow where the forge gives no token. */
export function ciLogin(place: CiPlace): ((url: string) => Promise<CiToken>) | null {
  const ask = askerIn(place.env)
  if (ask === null) return null
  let kept: CiToken | null = null
  return async (url) => {
    if (kept !== null && kept.expiresAt - place.now() > BEFORE_END_MS) return kept
    kept = await exchanged(url, place.now(), {
      token: await ask(),
      service: await serviceOf(place),
      environment: place.environment,
    })
    return kept
  }
}

type Ask = () => Promise<string>

/** GitHub gives a token for the asking, another one each time; GitLab puts one into the job. */
function askerIn(env: CiPlace['env']): Ask | null {
  const given = env['STELLWERK_ID_TOKEN']
  if (given) return async () => given
  const [url, bearer] = [env['ACTIONS_ID_TOKEN_REQUEST_URL'], env['ACTIONS_ID_TOKEN_REQUEST_TOKEN']]
  if (url && bearer) return () => githubToken(url, bearer)
  if (env['GITHUB_ACTIONS'] === 'true') {
    return async () => {
      throw notGiven(
        say`this job may not ask GitHub for one`,
        verbatim('permissions: { id-token: write, contents: read }'),
      )
    }
  }
  if (env['GITLAB_CI'] === 'true') {
    return async () => {
      throw notGiven(
        say`this job has no STELLWERK_ID_TOKEN`,
        verbatim(`id_tokens: { STELLWERK_ID_TOKEN: { aud: ${AUDIENCE} } }`),
      )
    }
  }
  return null
}

function notGiven(why: Told, fix: Told): StellwerkError {
  return new StellwerkError('notAllowed', {
    what: say`no token for the control plane, and none from the forge`,
    why,
    serving: say`unknown: not allowed to ask`,
    fix: say`write into the job: ${fix}; or give it a STELLWERK_TOKEN`,
  })
}

const GitHubAnswer = z.object({ value: z.string().min(1) })

async function githubToken(url: string, bearer: string): Promise<string> {
  const asked = URL.parse(url)
  asked?.searchParams.set('audience', AUDIENCE)
  try {
    const headers = { Authorization: `Bearer ${bearer}`, Accept: 'application/json' }
    const answer = await fetch(asked ?? url, { headers, redirect: 'error', signal: timeLimit(TIME_LIMIT_MS) })
    if (answer.status !== 200) throw new Error(`it answers ${answer.status}`)
    return GitHubAnswer.parse(await answer.json()).value
  } catch (error) {
    throw new StellwerkError(
      'unreachable',
      {
        what: say`GitHub gives this job no token`,
        why: quote(error instanceof Error ? error.message : String(error)),
        serving: say`unknown: not allowed to ask`,
        fix: say`run the job again`,
      },
      error,
    )
  }
}

const Issued = z.object({ secret: z.string(), token: z.object({ createdAt: z.number(), expiresAt: z.number() }) })
const Refused = z.object({ detail: z.string() })

/** By our own clock, which may be another one than the control plane's. */
async function exchanged(url: string, now: number, body: object): Promise<CiToken> {
  const sent: RequestInit = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    // The forge's token is for this address alone.
    redirect: 'error',
    signal: timeLimit(TIME_LIMIT_MS),
  }
  const answer = await fetch(`${url.replace(/\/+$/, '')}/api/v1/login/ci`, sent).catch((error: unknown) => {
    throw notLetIn('unreachable', say`${url} does not answer`, error)
  })
  const said: unknown = await answer.json().catch(() => null)
  const issued = Issued.safeParse(said)
  if (answer.status === 201 && issued.success) {
    const { secret, token } = issued.data
    return { secret, expiresAt: now + token.expiresAt - token.createdAt }
  }
  const { data } = Refused.safeParse(said)
  const why = data ? quote(data.detail) : say`${url} answers ${answer.status}`
  throw notLetIn(answer.status === 403 ? 'notAllowed' : 'unreachable', why)
}

function notLetIn(exit: 'notAllowed' | 'unreachable', why: Told, cause?: unknown): StellwerkError {
  const serving = say`unknown: not allowed to ask`
  const fix = say`see docs/guides/ci-login.md; or give the job a STELLWERK_TOKEN`
  return new StellwerkError(
    exit,
    { what: say`the control plane does not let this CI job in`, why, serving, fix },
    cause,
  )
}

/** Of the spec only its first word is needed, right or wrong as it may be otherwise. */
async function serviceOf({ service, env, file, cwd }: CiPlace): Promise<string> {
  const named = service ?? env['STELLWERK_SERVICE']
  if (named) return named
  const text = await readFile(resolve(cwd, file), 'utf8').catch(() => '')
  const found = z.object({ service: z.string().min(1) }).safeParse(yamlOf(text))
  if (found.success) return found.data.service
  throw new StellwerkError('usage', {
    what: say`which service is this job for?`,
    why: say`${file} names none, and a CI job is let in for one service`,
    fix: say`--service NAME, or STELLWERK_SERVICE`,
  })
}

function yamlOf(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 })
  } catch {
    // What is wrong with it is told by whoever compiles it.
    return null
  }
}
