import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemsOf, smallSpec } from './fixture.ts'

/** Problems of the small spec with `extra`, without their places. */
function messages(extra: string): readonly string[] {
  return problemsOf(smallSpec(extra)).map((line) => line.replace(/^stellwerk\.yaml:\d+:\d+: /, ''))
}

function withComponents(components: string, smoke = '{ http: GET /health, component: api }'): string {
  return `service: demo
components: ${components}
analysis: [{ metric: error-rate, max: 1% }]
smoke: [${smoke}]
environments: { dev: {} }
`
}

const PROCESS = 'platform: { kind: process, command: node server.js }'
const API = `api: { ${PROCESS}, router: { kind: embedded } }`

function componentMessages(components: string, smoke?: string): readonly string[] {
  return problemsOf(withComponents(components, smoke)).map((line) => line.replace(/^stellwerk\.yaml:\d+:\d+: /, ''))
}

test('steps grow to 100%', () => {
  assert.deepEqual(messages('rollout: { steps: [100%] }'), [])
  assert.deepEqual(messages('rollout: { steps: [1%, 2%, 100%] }'), [])
  assert.deepEqual(messages('rollout: { steps: [10%, 10%, 100%] }'), [
    'rollout.steps[1]: expected more than the 10% of the step before, found 10%',
  ])
  assert.match(messages('rollout: { steps: [10%] }').join(), /the last step must be 100%/)
  assert.match(messages('rollout: { steps: [] }').join(), /expected at least 1 entry, found an empty list/)
})

test('nothing is accepted that would have no effect: no window, no watch, a deadline after the end', () => {
  const positive = 'a duration with its unit, such as 30s, 5m or 1h30m, above 0s'
  for (const [key, text] of [
    ['rollout.rollbackWindow', 'rollout: { rollbackWindow: 0s }'],
    ['rollback.watch', 'rollback: { watch: 0s }'],
  ] as const) {
    const [found = '', ...others] = messages(text)
    assert.ok(found.startsWith(`${key}: `) && found.includes(positive), found)
    assert.deepEqual(others, [])
  }
  const router = (options: string) =>
    componentMessages(`{ api: { ${PROCESS}, router: { kind: embedded, ${options} } } }`)
  assert.deepEqual(router('timeout: 10s, deadline: 10s'), [])
  assert.deepEqual(router('timeout: 2s'), [])
  assert.deepEqual(router('timeout: 10s, deadline: 11s'), [
    'components.api.router.deadline: expected at most its timeout, 10s, after which nothing is left to count, found "11s"',
  ])
})

test('components are deployed in an order that exists', () => {
  assert.deepEqual(componentMessages(`{ ${API}, worker: { ${PROCESS}, after: [api] } }`), [])
  assert.deepEqual(componentMessages(`{ ${API}, worker: { ${PROCESS}, after: [app] } }`), [
    'components.worker.after[0]: the component "app" is not declared under components; did you mean "api"?',
  ])
  assert.deepEqual(
    componentMessages(
      `{ ${API}, a: { ${PROCESS}, after: [b] }, b: { ${PROCESS}, after: [c] }, c: { ${PROCESS}, after: [b] } }`,
    ),
    ['components.b.after: the order runs in a circle: b after c after b; remove one `after` of it'],
  )
  assert.match(componentMessages(`{ ${API}, a: { ${PROCESS}, after: [a] } }`).join(), /circle: a after a/)
})

test('some component gets traffic, and no two listen at the same place', () => {
  assert.match(componentMessages(`{ api: { ${PROCESS} } }`).join(), /no component has a router/)
  assert.match(componentMessages('{}').join(), /a service has at least one component/)
  const many = Array.from({ length: 101 }, (_, index) => `c${index}: { ${PROCESS} }`).join(', ')
  assert.match(componentMessages(`{ ${many} }`).join(), /expected at most 100 components/)
  assert.deepEqual(componentMessages(`{ ${API}, web: { ${PROCESS}, router: { kind: embedded } } }`), [
    'components.web.router: 127.0.0.1:8080 is where api listens already; give each its own port, or the IP address of its own machine',
  ])
  const other = 'router: { kind: embedded, listen: "127.0.0.1:8081" }'
  assert.deepEqual(componentMessages(`{ ${API}, web: { ${PROCESS}, ${other} } }`), [])
})

test('variables that the platform sets, and names that are variable and secret, are refused', () => {
  assert.deepEqual(messages('variables: { LOG: info, PORTS: "1" }'), [])
  assert.deepEqual(messages('variables: { PORT: "1" }'), [
    'variables.PORT: PORT is set by the platform and cannot be set here',
  ])
  const both = `{ api: { ${PROCESS}, router: { kind: embedded }, variables: { T: x, STELLWERK_SLOT: x }, secrets: { T: { kind: env, name: T } } } }`
  assert.deepEqual(componentMessages(both), [
    'components.api.variables.T: T is a variable and a secret of the same component; only one can be its value',
    'components.api.variables.STELLWERK_SLOT: STELLWERK_SLOT is set by the platform and cannot be set here',
  ])
})

test('an entry of the analysis is exactly one rule', () => {
  const entry = (text: string) =>
    problemsOf(smallSpec().replace('metric: error-rate, max: 1%', text)).map((line) =>
      line.slice(line.indexOf('analysis')),
    )
  for (const text of [
    'metric: error-rate, max: 1%',
    'metric: error-rate, trigger: { above: 2%, for: 5m }',
    'metric: latency-p99, relativeTo: before, margin: 20%, for: 5m',
    'metric: info-logs, silence: 10m',
  ]) {
    assert.deepEqual(entry(text), [], text)
  }
  assert.deepEqual(entry('metric: error-rate'), [
    'analysis[0]: this entry limits nothing: expected `max`, `trigger`, or `relativeTo` with `margin` and `for`',
  ])
  assert.deepEqual(entry('metric: memory'), [
    'analysis[0]: this entry limits nothing: expected `max`, `trigger` or both',
  ])
  assert.deepEqual(entry('metric: error-rate, relativeTo: live'), [
    'analysis[0]: a comparison needs `relativeTo`, `margin` and `for`: margin and for are missing',
  ])
  assert.match(
    entry('metric: error-rate, max: 1%, relativeTo: live, margin: 5%, for: 1m').join(),
    /one entry is one rule/,
  )
  assert.match(entry('metric: error-rate, max: 2%, trigger: { above: 1%, for: 1m }').join(), /trigger is below `max`/)
  assert.match(entry('metric: memory, relativeTo: live').join(), /unknown key "relativeTo"/)
  assert.match(entry('metric: info-logs').join(), /silence is missing/)
})

test('smoke tests are for a component that can be asked', () => {
  const two = `{ ${API}, web: { ${PROCESS}, router: { kind: embedded, listen: "127.0.0.1:8081" } }, worker: { ${PROCESS} } }`
  assert.deepEqual(componentMessages(two), [])
  assert.match(
    componentMessages(two, '{ http: GET / }').join(),
    /`component` must say which one is asked; one of api, web/,
  )
  assert.match(componentMessages(two, '{ http: GET /, component: wep }').join(), /did you mean "web"/)
  assert.match(componentMessages(two, '{ http: GET /, component: worker }').join(), /worker has no router/)
})

test('smoke tests have requests that can be sent', () => {
  const smoke = (text: string) => componentMessages(`{ ${API} }`, text)
  assert.deepEqual(smoke('{ http: POST /a, body: 1 }'), [])
  assert.match(smoke('{ http: GET /a, body: 1 }').join(), /a GET request carries no body/)
  assert.match(smoke('{ http: GET /a, timeout: 1h }').join(), /may not wait longer than the whole suite/)
  assert.match(
    smoke('{ name: a, http: GET /a }, { name: a, http: GET /b }').join(),
    /another check is called "a" already/,
  )
  assert.match(
    smoke('{ http: GET /a, headers: { a: { secret: TOKEN } } }').join(),
    /the secret "TOKEN" is not declared/,
  )
  assert.match(smoke('{ http: GET /a, expect: { status: 99 } }').join(), /expected at least 200, found 99/)
})

test('migrations, gates, mitigating and approvals name what exists', () => {
  assert.match(
    messages('gates: [{ kind: command, run: a, component: web }]').join(),
    /gates\[0\]\.component: the component "web"/,
  )
  assert.deepEqual(messages('gates: [{ kind: variables, component: api }]'), [])
  assert.deepEqual(messages('migrations: { kind: command, component: api, expand: a }'), [])
  assert.match(
    messages('migrations: { kind: command, component: db, expand: a }').join(),
    /the component "db" is not declared/,
  )
  assert.match(
    messages('rollback: { mitigate: [{ run: a, component: ap }] }').join(),
    /mitigate\[0\]\.component: .* did you mean "api"/,
  )
  assert.deepEqual(
    messages('people: { owner: [sam] }\napprovals: [{ role: owner }, { role: owner, at: go-no-go }]'),
    [],
  )
  assert.match(messages('people: { owner: [sam] }\napprovals: [{ role: owners }]').join(), /did you mean "owner"/)
  assert.match(messages('approvals: [{ role: owner }]').join(), /declare it under people/)
  assert.match(
    messages('people: { owner: [sam] }\napprovals: [{ role: owner }, { role: owner }]').join(),
    /asked at start twice/,
  )
})

test('two components do not share a cookie: browsers send it to both, whatever the port', () => {
  const two = (web: string, api: string) =>
    componentMessages(`{ web: { ${PROCESS}, router: { kind: embedded, listen: "127.0.0.1:1001", sticky: ${web} } },
      api: { ${PROCESS}, router: { kind: embedded, listen: "127.0.0.1:1002", sticky: ${api} } } }`)
  const clash =
    'slot is the cookie of web already; browsers send cookies by host name, whatever the port; give each its own name'
  assert.deepEqual(two('{ cookie: slot }', '{ cookie: slot }'), [`components.api.router.sticky.cookie: ${clash}`])
  for (const api of ['{ cookie: slot2 }', '{ cookie: Slot }', '{ header: slot }', 'none']) {
    assert.deepEqual(two('{ cookie: slot }', api), [], api)
  }
})

test('options of adapters stay within what the adapters can do', () => {
  const platform = (text: string) =>
    componentMessages(`{ api: { platform: { kind: process, command: a, ${text} }, router: { kind: embedded } } }`)
  const router = (text: string) => componentMessages(`{ api: { ${PROCESS}, router: { kind: embedded, ${text} } } }`)
  assert.deepEqual(platform('stopGrace: 0s, hungAfter: 1s, logSize: 10kB, logFiles: 1'), [])
  assert.deepEqual(
    router('timeout: 1h, deadline: 1ms, drain: 24h, sticky: none, trustedProxies: ["10.0.0.1", "::1"]'),
    [],
  )
  assert.match(platform('hungAfter: 999ms').join(), /expected a duration of at least 1s, found "999ms"/)
  assert.match(platform('logSize: 9kB').join(), /expected a size of at least 10kB/)
  assert.match(platform('logFiles: 0').join(), /expected at least 1, found 0/)
  assert.match(router('timeout: 61m').join(), /expected a duration of at most 1h/)
  assert.match(router('drain: 25h').join(), /expected a duration of at most 24h/)
  assert.match(router('listen: "127.0.0.1:65536"').join(), /expected an address to listen on/)
  assert.match(router('sticky: { cookie: "a b" }').join(), /expected a cookie or header name/)
  assert.match(router('sticky: cookie').join(), /expected none, or a map/)
  assert.match(router('trustedProxies: [proxy]').join(), /expected an IP address/)
})

test('what could never have an effect is refused', () => {
  const SMOKE = 'smoke: [{ http: GET /health }]'
  const inPlace = (before: string, after: string) => problemsOf(smallSpec().replace(before, after)).join()
  const limit = (metric: string, rest: string) =>
    inPlace('analysis: [{ metric: error-rate, max: 1% }]', `analysis: [{ metric: ${metric}, ${rest} }]`)
  for (const metric of ['error-rate', 'readiness-flapping']) {
    const share = (rest: string) => limit(metric, rest)
    assert.match(share('max: 1%, trigger: { above: 100%, for: 5m }'), /no share is ever above 100%.*`trigger.above`/)
    assert.match(share('trigger: { above: 200%, for: 5m }'), /`trigger.above` would have no effect/)
    assert.match(share('max: 100%'), /`max` would have no effect/)
    assert.doesNotMatch(share('max: 99%, trigger: { above: 99.9%, for: 5m }'), /no effect/)
  }
  for (const status of ['100', '101', '[200, 103]'])
    assert.match(inPlace(SMOKE, `smoke: [{ http: GET /, expect: { status: ${status} } }]`), /expected at least 200/)
  assert.match(inPlace(SMOKE, 'smoke: [{ http: "GET /a#b" }]'), /expected a method and a path/)
  const health = (path: string) =>
    componentMessages(`{ api: { health: { live: "${path}", ready: / }, ${PROCESS}, router: { kind: embedded } } }`)
  assert.match(health('/health#x').join(), /expected a path such as \/health/)
  assert.deepEqual(health('/health?deep=1'), [])
  const sticky = (header: string) =>
    componentMessages(`{ api: { ${PROCESS}, router: { kind: embedded, sticky: { header: ${header} } } } }`).join()
  for (const header of ['Host', 'connection', 'Content-Length'])
    assert.match(sticky(header), /expected a header that tells one session from another/)
  assert.equal(sticky('X-Session'), '')
})
