import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { restrictedHttp } from '../../http.ts'
import { instant } from '../../../core/time.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContext, secretsOf } from '../../../testing/adapter-context.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { apiSpec } from '../../../testing/api-spec.ts'
import { type Mood, notificationOf, notifierContract, ORDER } from '../../../testing/notifier-contract.ts'
import { githubDeployment } from './github-deployment.ts'

const KEY = 'ghp_0123456789abcdefghijABCDEFGHIJ'
const TOKEN = { kind: 'env', name: 'GITHUB' }
const FILE = 'github-rest.adapter-subset.openapi.json'
const pointer = (path: string) =>
  `#/paths/${path.replaceAll('/', '~1')}/post/requestBody/content/application~1json/schema`
const DEPLOYMENT = apiSpec(FILE, pointer('/repos/{owner}/{repo}/deployments'))
const STATUS = apiSpec(FILE, pointer('/repos/{owner}/{repo}/deployments/{deployment_id}/statuses'))

type Deployment = { readonly id: number; readonly sha: string; readonly task: string; readonly environment: string }
type Status = { readonly state: string; readonly description?: string; readonly log_url?: string }

/** GitHub as far as deployments go: it keeps them, and answers as it is in the mood for. */
async function github() {
  const deployments: Deployment[] = []
  const statuses = new Map<number, Status[]>()
  const bodies: { readonly path: string; readonly body: Record<string, unknown> }[] = []
  const state = { mood: 'takes' as Mood | 'limited' | 'merges', lost: false }
  type Answer = readonly [status: number, body: unknown, headers?: Record<string, string>]
  const moods: Readonly<Partial<Record<typeof state.mood, Answer>>> = {
    busy: [429, {}, { 'retry-after': '7' }],
    refuses: [401, { message: 'Bad credentials' }],
    limited: [403, { message: 'API rate limit exceeded' }, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '9' }],
  }
  const list = (query: URLSearchParams): Answer => {
    const wanted = (name: 'sha' | 'task' | 'environment', one: Deployment) =>
      [null, one[name]].includes(query.get(name))
    const fit = deployments.filter((one) => wanted('sha', one) && wanted('task', one) && wanted('environment', one))
    return [200, fit.toReversed().slice(0, Number(query.get('per_page')))]
  }
  const make = (body: Record<string, unknown>): Answer => {
    const [sha, task, environment] = ['ref', 'task', 'environment'].map((name) => String(body[name])) as [
      string,
      string,
      string,
    ]
    deployments.push({ id: deployments.length + 1, sha, task, environment })
    return [201, deployments.at(-1)]
  }
  const answer = (method: string, { pathname, searchParams }: URL, text: string): Answer => {
    const path = pathname.replace('/repos/shop-team/shop', '')
    const id = Number(/^\/deployments\/(\d+)\/statuses$/.exec(path)?.[1] ?? 0)
    if (method === 'GET') return id === 0 ? list(searchParams) : [200, statuses.get(id)?.toReversed().slice(0, 1) ?? []]
    const body = JSON.parse(text) as Record<string, unknown>
    bodies.push({ path, body })
    if (state.mood === 'merges') return [202, { message: 'Auto-merged main into v2.' }]
    if (id === 0) return make(body)
    statuses.set(id, [...(statuses.get(id) ?? []), body as unknown as Status])
    return [201, { id: 1 }]
  }
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    if (state.mood === 'silent' || state.mood === 'gone') return
    const isKnown = request.headers.authorization === `Bearer ${KEY}`
    const given = () => answer(request.method ?? '', new URL(request.url ?? '', 'http://x'), text)
    const [status, body, headers = {}] = moods[state.mood] ?? (isKnown ? given() : moods.refuses!)
    if (state.lost && request.url?.endsWith('/statuses')) request.socket.destroy()
    else response.writeHead(status, { connection: 'close', ...headers }).end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const here: typeof fetch = (url, init) => {
    const { pathname, search } = url as URL
    return fetch(new URL(pathname + search, origin), init)
  }
  return {
    deployments,
    statuses,
    bodies,
    state,
    close,
    fetch: here,
    problems: () => bodies.flatMap(({ path, body }) => (path === '/deployments' ? DEPLOYMENT : STATUS).problems(body)),
  }
}

async function open(options: object = {}, key = KEY) {
  const there = await github()
  const http = restrictedHttp({ mayReach: (host) => host === 'api.github.com', fetch: there.fetch })
  const clock = { now: () => instant(0), sleepUntil: async () => undefined }
  const context = adapterContext({ http, clock, secrets: secretsOf({ GITHUB: `${key}\n` }) })
  const read = githubDeployment.options.parse({
    kind: 'github-deployment',
    repository: 'shop-team/shop',
    token: { secret: 'G' },
    ...options,
  })
  const notifier = await githubDeployment.create({ ...read, token: TOKEN }, context)
  return { ...there, notifier }
}

notifierContract('github-deployment', async () => {
  const { notifier, state, bodies, close, problems } = await open()
  const statuses = () => bodies.filter(({ path }) => path.endsWith('/statuses')).map(({ body }) => body)
  return {
    notifier,
    got: () => statuses().map((body) => JSON.stringify(body)),
    // A description is plain text at GitHub: nothing in it is markup.
    read: () => statuses().map(({ description }) => ({ text: String(description), markup: [] })),
    ids: null,
    mood: (mood) => {
      state.mood = mood
      if (mood === 'gone') close()
    },
    secret: KEY,
    retryAfterMs: 7000,
    line: 140,
    end: async () => {
      close()
      assert.deepEqual(problems(), [])
    },
  }
})

async function told(t: TestContext, events: readonly Parameters<typeof notificationOf>[0][], options: object = {}) {
  const there = await open(options)
  t.after(there.close)
  for (const event of events) {
    const answer = await there.notifier.deliver(notificationOf(event), ORDER)
    assert.ok(answer.ok, JSON.stringify(answer))
  }
  assert.deepEqual(there.problems(), [])
  return there
}

const about = (rollout: string, commit = 'ab'.repeat(20)) => ({ about: { ...notificationOf().about, rollout, commit } })

test('[R-J01] a rollout is one deployment of its commit with the states that it goes through', async (t) => {
  const events = ['started', 'waiting-for-approval', 'held', 'finalized'] as const
  const { deployments, statuses, bodies } = await told(
    t,
    events.map((event) => ({ event })),
  )
  assert.deepEqual(deployments, [{ id: 1, sha: 'ab'.repeat(20), task: 'stellwerk:shop-prod-2', environment: 'prod' }])
  assert.deepEqual(
    statuses.get(1)?.map(({ state }) => state),
    ['in_progress', 'queued', 'in_progress', 'success'],
  )
  assert.equal(statuses.get(1)?.[0]?.log_url, 'https://ci.example/runs/7')
  const { auto_merge, required_contexts, production_environment } = bodies[0]!.body
  assert.deepEqual([auto_merge, required_contexts, production_environment], [false, [], false])
})

test('what is taken back has failed, and what needs somebody is an error', async (t) => {
  for (const [event, state] of [
    ['rollback-started', 'failure'],
    ['rolled-back', 'failure'],
    ['aborted', 'failure'],
    ['needs-human', 'error'],
  ] as const) {
    const { statuses } = await told(t, [{ event }])
    assert.equal(statuses.get(1)?.at(-1)?.state, state, event)
  }
})

test('what was active before is inactive once another is: in production too, where GitHub would leave it', async (t) => {
  const { statuses, deployments, notifier } = await told(t, [{ event: 'finalized', ...about('shop-prod-1') }], {
    production: true,
    environment: 'production',
  })
  deployments.push({ id: 2, sha: 'x', task: 'deploy', environment: 'production' })
  statuses.set(2, [{ state: 'success' }])
  assert.ok(
    (await notifier.deliver(notificationOf({ event: 'finalized', ...about('shop-prod-2', 'cd'.repeat(20)) }), ORDER))
      .ok,
  )
  const states = [1, 2, 3].map((id) => statuses.get(id)?.map(({ state }) => state))
  assert.deepEqual(states, [['success', 'inactive'], ['success'], ['success']], 'somebody else’s stays')
})

test('what happens to live between releases is no state of a deployment', async (t) => {
  const { deployments } = await told(t, [{ event: 'unwell' }, { event: 'log-doubted' }])
  assert.deepEqual(deployments, [])
})

test('an answer that was lost makes no second deployment', async (t) => {
  const there = await open()
  t.after(there.close)
  there.state.lost = true
  assert.equal((await there.notifier.deliver(notificationOf({ event: 'started' }), ORDER)).ok, false)
  there.state.lost = false
  assert.ok((await there.notifier.deliver(notificationOf({ event: 'started' }), ORDER)).ok)
  assert.equal(there.deployments.length, 1)
})

test('a limit on how often GitHub is asked passes; a merge instead of a deployment does not', async (t) => {
  const there = await open()
  t.after(there.close)
  there.state.mood = 'limited'
  const limited = await there.notifier.deliver(notificationOf(), ORDER)
  assert.deepEqual(limited, {
    ok: false,
    kind: 'transient',
    message: 'GitHub limits how often it is asked',
    retryAfterMs: 9000,
  })
  there.state.mood = 'merges'
  const merged = await there.notifier.deliver(notificationOf(), ORDER)
  assert.ok(!merged.ok && merged.kind === 'permanent')
  assert.match(merged.message, /answers 202 to POST \/deployments/)
})

test('a long description is cut to what GitHub takes', async (t) => {
  const { statuses } = await told(t, [{ event: 'held', text: 'x'.repeat(500) }])
  assert.equal(statuses.get(1)?.[0]?.description?.length, 140)
})

test('tried without a commit it says whether it would be let in', async (t) => {
  const { deployments } = await told(t, [{ about: { ...notificationOf().about, commit: null } }])
  assert.deepEqual(deployments, [])
  const other = await open({}, `${KEY}x`)
  t.after(other.close)
  const refused = await other.notifier.deliver(
    notificationOf({ about: { ...notificationOf().about, commit: null } }),
    ORDER,
  )
  assert.ok(!refused.ok && refused.kind === 'permanent')
  assert.match(refused.message, /refused the message with 401: .*Bad credentials/)
})

test('a token that is none is said without what it holds', async (t) => {
  const { notifier, close } = await open({}, 'hunter 2')
  t.after(close)
  const refused = await notifier.deliver(notificationOf(), ORDER)
  assert.ok(!refused.ok)
  assert.equal(refused.message, 'its secret (env GITHUB) is no token of GitHub')
})

test('the description of GitHub’s API finds what is wrong with a request', { skip: STATUS.skip }, () => {
  assert.notDeepEqual(STATUS.problems({ state: 'done' }), [])
  assert.notDeepEqual(DEPLOYMENT.problems({ environment: 'prod' }), [])
})

adapterKeys({
  port: 'notifier',
  kind: 'github-deployment',
  written: { repository: 'shop-team/shop', token: { secret: 'CHAT' } },
  keys: {
    repository: ['octo/other'],
    'token.secret': ['OTHER'],
    api: ['https://github.example.com/api/v3'],
    environment: ['production'],
    production: [true],
  },
})

adapterContract({
  adapter: githubDeployment,
  written: { repository: 'shop-team/shop', token: { secret: 'GITHUB' }, environment: 'production' },
  asPlanned: (read) => ({ ...read, token: TOKEN }),
  context: adapterContext(),
})
