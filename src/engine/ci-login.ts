/**
 * A CI job shows the token that its forge gave it, and gets one of ours for a quarter of an hour to an hour: with the scopes and for the
 * environments that the policies held of the service grant this repository, and nothing else. What a release's own spec says
 * grants nothing: it becomes a policy by whoever may weaken the one that is held.
 */
import { accountOf, type CiJob, mismatch, type Mismatch } from '../core/ci.ts'
import type { HeldPolicy } from '../core/policy/policy.ts'
import { listed, say, type Sentence } from '../core/say.ts'
import { after, type Instant } from '../core/time.ts'
import type { ForgeTokens, ForgeVerdict, IssuedToken, NewToken, TokenProblem, Tokens } from '../ports/identity.ts'
import type { Answer, Refusal } from './control-plane.ts'
import { refusal } from './refusals.ts'

/** As long as the forge's own token, within these: GitHub gives minutes and another one for the asking, GitLab one for the job. */
const TOKEN_MIN_MS = 15 * 60_000
const TOKEN_MAX_MS = 60 * 60_000

export type CiLoginRequest = {
  readonly token: string
  readonly service: string
  /** Null: wherever it may. */
  readonly environment: string | null
}

export type CiLogin = (request: CiLoginRequest, signal: AbortSignal) => Promise<Answer<IssuedToken>>

export type CiLoginDeps = {
  readonly policies: () => Promise<readonly HeldPolicy[]>
  readonly forge: ForgeTokens
  readonly tokens: Tokens
  readonly now: () => Instant
  /** Different every time, so that no two requests are the same one. */
  readonly unique: () => string
}

export function createCiLogin(deps: CiLoginDeps): CiLogin {
  return async (asked, signal) => {
    const held = (await deps.policies()).filter(({ service }) => service === asked.service)
    const grants = held.flatMap(({ policy }) => policy.ci ?? [])
    const verified = await deps.forge.verify(asked.token, grants, signal)
    if (!verified.ok) return notBelieved(verified)
    const open = held.filter((each) => isWanted(each, asked.environment) && lets(each, verified.job))
    if (open.length === 0) return refusal('not-allowed', whyNot(held, verified.job, asked))
    const who = requesterIn(open, verified.job)
    return who.ok ? tokenFor(deps, verified, { open: who.open, person: who.person }) : refusal('not-allowed', who.why)
  }
}

type Verified = Extract<ForgeVerdict, { readonly ok: true }>

function notBelieved({ kind, said }: Exclude<ForgeVerdict, Verified>): Refusal {
  return kind === 'unavailable'
    ? refusal('unavailable', say`The forge's keys cannot be read: ${said}. Try again.`)
    : refusal('not-allowed', say`The forge's token does not let you in: ${said}.`)
}

type Requester =
  | { readonly ok: true; readonly person: string; readonly open: readonly HeldPolicy[] }
  | { readonly ok: false; readonly why: Sentence }

/**
 * One person for all of it (law L7). Where somebody is asked for consent the account has to be somebody's: whoever it belongs to
 * could approve otherwise what they ask for. Policies that name different people are of different requesters.
 */
function requesterIn(open: readonly HeldPolicy[], job: CiJob): Requester {
  const account = accountOf(job)
  const known = open.filter(({ policy }) => policy.accounts[account] !== undefined || policy.approvals.length === 0)
  if (known.length === 0) {
    const why = say`Nobody knows whose account ${account} is, so that its owner could approve unseen what it asks for. Say whose it is, and put that into force: accounts: { kim: ["${account}"] }`
    return { ok: false, why }
  }
  const people = [...new Set(known.map(({ policy }) => policy.accounts[account] ?? account))]
  const [person = account] = people
  if (people.length === 1) return { ok: true, person, open: known }
  const why = say`The policies of this service name different people for ${account} (${people.join(', ')}): say which environment this is for, -e NAME`
  return { ok: false, why }
}

/** `open`: the policies that let it in. */
async function tokenFor(
  { tokens, now, unique }: CiLoginDeps,
  { job, id, expiresAt }: Verified,
  { open, person }: { readonly open: readonly HeldPolicy[]; readonly person: string },
): Promise<Answer<IssuedToken>> {
  const [first] = open
  const request: NewToken = {
    name: `CI: ${job.run ?? job.ref}`.slice(0, 100),
    person,
    roles: [],
    scopes: ['deploy'],
    services: [first!.service],
    environments: open.map(({ environment }) => environment),
    expiresAt: expiryOf(expiresAt, now()),
  }
  // One fingerprint never comes twice, so a token that is shown again finds its key taken.
  const once = { owner: 'ci', key: id, fingerprint: unique() }
  const issued = await tokens.issue(request, { actor: request.person, token: null }, once)
  return issued.ok ? issued : refusal('not-allowed', whyNone(issued.problems))
}

function whyNone(problems: readonly TokenProblem[]): Sentence {
  if (problems.some(({ where }) => where === 'header.idempotency-key')) {
    return say`The forge's token was used before; each lets in once. Ask the forge for another one; where it gives one for the whole job, log in once, at its beginning: export STELLWERK_TOKEN=$(stellwerk login)`
  }
  return say`No token can be made for this job: ${problems.map(({ where, message }) => `${where}: ${message}`).join('; ')}.`
}

function expiryOf(ofForge: Instant, now: Instant): Instant {
  return after(now, Math.min(TOKEN_MAX_MS, Math.max(TOKEN_MIN_MS, ofForge - now)))
}

const isWanted = ({ environment }: HeldPolicy, wanted: string | null) => wanted === null || environment === wanted

function lets({ policy }: HeldPolicy, job: CiJob): boolean {
  return (policy.ci ?? []).some((grant) => mismatch(grant, job) === null)
}

const FIELDS: readonly Mismatch[] = ['repository', 'owner', 'ref', 'event', 'workflow', 'environment']

/** Of all grants the one that comes closest, told by what the job itself is: it knows that anyway. */
function whyNot(held: readonly HeldPolicy[], job: CiJob, { service, environment }: CiLoginRequest): Sentence {
  const asked = held.filter((each) => isWanted(each, environment))
  const found = asked.flatMap(({ policy }) => (policy.ci ?? []).map((grant) => mismatch(grant, job) ?? 'repository'))
  const closest = FIELDS.findLast((field) => found.includes(field)) ?? 'repository'
  const where = environment === null ? say`${service}` : say`${service} in ${environment}`
  const is: Readonly<Record<Mismatch, Sentence>> = {
    repository: say`repository ${job.repository}`,
    owner: say`owner ${job.owner}`,
    ref: say`ref ${job.ref}`,
    event: say`event ${job.event}`,
    workflow: say`workflow ${job.workflow ?? '-'}`,
    environment: say`environment ${job.environment ?? '-'}`,
  }
  const all = listed(
    FIELDS.map((field) => is[field]),
    ', ',
  )
  return say`No policy in force for ${where} lets this job in: its ${is[closest]} is none that "ci" names. The job is of ${all}. Put it into "ci" of stellwerk.yaml, and that into force: stellwerk policy set -e ENVIRONMENT`
}
