import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planOf, problemsOf, specOf } from './fixture.ts'
import { initSpec } from './init.ts'

const OPTIONS = {
  service: 'demo',
  command: 'node server.js',
  listen: '127.0.0.1:8080',
  healthPaths: { live: '/health', ready: '/readiness' },
}

test('the spec to start from reads and compiles for every environment', () => {
  const text = initSpec(OPTIONS)
  const { service, environments } = specOf(text)
  assert.equal(service, 'demo')
  assert.deepEqual(Object.keys(environments), ['dev', 'stage', 'prod'])
  for (const name of Object.keys(environments)) assert.equal(planOf(text, name).environment, name)
  const listens = Object.values(environments).map(({ components }) => components['api']!.router?.['listen'])
  assert.deepEqual(listens, ['127.0.0.1:8080', '127.0.0.1:8081', '127.0.0.1:8082'])
})

test('commands and paths with quotes and hashes come out as they went in', () => {
  const command = `node -e "console.log('# {service}: 1')"`
  const text = initSpec({ ...OPTIONS, command, healthPaths: { live: '/a{b', ready: '/c?d="e"' } })
  const api = specOf(text).environments['dev']!.components['api']!
  assert.equal(api.platform['command'], command)
  assert.deepEqual(api.health, { live: '/a{b', ready: '/c?d="e"' })
})

test('ports stay in their range, and port 0 stays 0', () => {
  for (const listen of ['127.0.0.1:65535', '127.0.0.1:0'])
    assert.deepEqual(problemsOf(initSpec({ ...OPTIONS, listen })), [])
})

test('a service name that is none is refused by reading, with its place', () => {
  assert.match(
    problemsOf(initSpec({ ...OPTIONS, service: 'My Service' })).join(),
    /^stellwerk.yaml:2:10: service: expected a name/,
  )
})
