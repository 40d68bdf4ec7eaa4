/**
 * A rollout as a deployment of its commit at GitHub, with the states that it goes through (R-J01): on the repository's page, at the
 * commit and in the pull request. One deployment for each rollout, found again by its task; told twice it is one.
 */
import { z } from 'zod'
import { say } from '../../../core/say.ts'
import type { AdapterContext } from '../../../ports/adapter.ts'
import type { Notification } from '../../../ports/notifier.ts'
import { ok, type Result } from '../../../ports/result.ts'
import { expected } from '../../../stellwerk-yaml/expected.ts'
import { SecretByName } from '../../../stellwerk-yaml/secret-options.ts'
import { notifier } from '../../kit.ts'
import { keyOf, Planned } from '../post.ts'
import { type Api, apiAt } from './api.ts'

const REPOSITORY = expected(say`a repository such as shop-team/shop`)
const API = expected(say`an https address such as https://api.github.com`)
const ENVIRONMENT = expected(say`the name of an environment of the forge`)

const options = z.strictObject({
  kind: z
    .literal('github-deployment')
    .meta({ description: "A deployment of the commit, on the repository's page at GitHub." }),
  repository: z
    .string(REPOSITORY)
    .regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, REPOSITORY)
    .meta({ description: 'Which: `shop-team/shop`.' }),
  token: SecretByName.meta({
    description: 'Token with "Deployments: write" for this repository, by the name of the secret that holds it.',
  }),
  api: z
    .string(API)
    .regex(/^https:\/\/[^\s?#]+[^\s?#/]$/, API)
    .prefault('https://api.github.com')
    .meta({ description: 'Of your own GitHub: `https://github.example.com/api/v3`.' }),
  environment: z
    .string(ENVIRONMENT)
    .min(1)
    .max(255)
    .optional()
    .meta({ description: "The environment's name there; absent: as here." }),
  production: z.boolean().prefault(false).meta({ description: 'Users are in it: GitHub marks it as production.' }),
})

const planned = z.object({
  kind: z.literal('github-deployment'),
  repository: z.string(),
  token: Planned.secret,
  api: z.string(),
  environment: z.string().optional(),
  production: z.boolean(),
})

type Options = z.output<typeof planned>

export const githubDeployment = notifier({
  kind: 'github-deployment',
  options,
  planned,
  describe: ({ api, token }) => ({ hosts: [new URL(api).host], secrets: [token] }),
  create: (given, context) => ({
    deliver: async (notification, { signal }) => {
      const wanted = { secrets: context.secrets, what: 'token of GitHub', isValid: TOKEN }
      const token = await keyOf(given.token, wanted, signal)
      if (!token.ok) return token
      const api = apiAt({ base: given.api, repository: given.repository, token: token.value, context, signal })
      return tell(api, given, notification, context)
    },
  }),
})

/** Those of apps are as long as what they hold. */
const TOKEN = /^[\w.-]{20,4000}$/

type State = 'queued' | 'in_progress' | 'success' | 'failure' | 'error'

/** What waits is under way; `error` is what somebody has to look at. */
const STATES: Readonly<Record<Notification['event'], State>> = {
  started: 'in_progress',
  'waiting-for-approval': 'queued',
  held: 'in_progress',
  'shared-cause': 'in_progress',
  'no-data': 'in_progress',
  'control-lost': 'in_progress',
  unwell: 'error',
  'log-doubted': 'error',
  'rollback-started': 'failure',
  finalized: 'success',
  aborted: 'failure',
  'rolled-back': 'failure',
  'needs-human': 'error',
}

/** GitHub's limit for a description, characters. */
const DESCRIPTION_MAX = 140

async function tell(
  api: Api,
  given: Options,
  notification: Notification,
  { redact }: Pick<AdapterContext, 'redact'>,
): Promise<Result<{ readonly receipt: string }>> {
  const { event, title, text, serving, about } = notification
  // Nothing of a release: it has its own channels.
  if (event === 'unwell' || event === 'log-doubted') return ok({ receipt: 'not about a release' })
  const environment = given.environment ?? about.environment
  if (about.commit === null) return tried(api, given)
  const deployment = await deploymentOf(api, { ...given, environment, commit: about.commit }, notification)
  if (!deployment.ok) return deployment
  const description = redact([title, serving, text].filter((part) => part !== '').join('; '))
  const status = {
    state: STATES[event],
    description: description.length > DESCRIPTION_MAX ? `${description.slice(0, DESCRIPTION_MAX - 1)}…` : description,
    ...(about.run === null ? {} : { log_url: about.run }),
    // GitHub would do so for environments that are not production alone: all are told the same.
    auto_inactive: false,
  }
  const told = await api.send(`/deployments/${deployment.value}/statuses`, status)
  if (!told.ok || event !== 'finalized') return told
  return retireOthers(api, environment, deployment.value)
}

/** Whether it would be let in: without a commit there is nothing to deploy. */
async function tried(api: Api, { repository }: Options): Promise<Result<{ readonly receipt: string }>> {
  const read = await api.deployments(new URLSearchParams({ per_page: '1' }))
  return read.ok ? ok({ receipt: `deployments of ${repository} can be read` }) : read
}

type Wanted = Pick<Options, 'production'> & { readonly environment: string; readonly commit: string }

/** The one of this rollout, made where there is none. GitHub's defaults would merge branches and wait for checks. */
async function deploymentOf(
  api: Api,
  { environment, production, commit }: Wanted,
  { about }: Notification,
): Promise<Result<number>> {
  const task = `stellwerk:${about.rollout}`
  const query = new URLSearchParams({ sha: commit, task, environment, per_page: '1' })
  const found = await api.deployments(query)
  if (!found.ok) return found
  const [known] = found.value
  if (known !== undefined) return ok(known.id)
  return api.deploy({
    ref: commit,
    task,
    auto_merge: false,
    required_contexts: [],
    environment,
    production_environment: production,
    description: `${about.service} ${about.version}`.slice(0, DESCRIPTION_MAX),
    payload: { rollout: about.rollout, version: about.version },
  })
}

/** Of the newest ones: an older one that still counts as there was told so by somebody else. */
const LOOKED_THROUGH = '20'

/** What was active before no longer is. Somebody else's deployments are theirs. */
async function retireOthers(api: Api, environment: string, own: number): Promise<Result<{ readonly receipt: string }>> {
  const newest = await api.deployments(new URLSearchParams({ environment, per_page: LOOKED_THROUGH }))
  if (!newest.ok) return newest
  const others = newest.value.filter(({ id, task }) => id !== own && task.startsWith('stellwerk:'))
  for (const { id } of others) {
    const state = await api.stateOf(id)
    if (!state.ok) return state
    if (state.value !== 'success') continue
    const retired = await api.send(`/deployments/${id}/statuses`, { state: 'inactive', auto_inactive: false })
    if (!retired.ok) return retired
  }
  return ok({ receipt: `deployment ${own}` })
}
