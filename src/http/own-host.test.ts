import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testApp } from '../testing/http-app.ts'
import { ProblemBody } from './schemas.ts'

const OPEN = ['/health', '/readiness', '/metrics', '/openapi.json', '/nowhere']
const OWN = ['127.0.0.1', '127.0.0.1:7070', '10.1.2.3:80', '[::1]:7070', '[fe80::1]', 'localhost', 'LOCALHOST.:7070']
const ALLOWED = ['control.internal', 'Control.Internal:7070', 'control.internal.']
const FOREIGN = [
  'evil.example',
  'evil.example:7070',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'control.internal.evil',
  '1.2.3',
  '[evil]',
  '[::1',
  '127.0.0.1:',
  '127.0.0.1:7070:1',
  'localhost@evil',
  'localhost/x',
  '0x7f.1',
  '',
]

describe('what needs no token', () => {
  const { call, token } = testApp({ hosts: ['control.internal'] })

  for (const path of OPEN) {
    it(`${path} is answered by our own names and addresses only: no page can rebind its name`, async () => {
      for (const Host of [...OWN, ...ALLOWED]) {
        assert.notEqual((await call(`GET ${path}`, null, undefined, { Host })).status, 421, Host)
      }
      for (const Host of FOREIGN) {
        const response = await call(`GET ${path}`, null, undefined, { Host })
        assert.equal(response.status, 421, Host)
        assert.match(ProblemBody.parse(await response.json()).detail, /--allow-host/)
      }
    })
  }

  it('is answered to a client that sends no Host, which no browser is', async () => {
    assert.equal((await call('GET /health', null)).status, 200)
  })

  it('is not what a proxy asks under /api: there the token decides, by whatever name', async () => {
    const secret = await token(['read'])
    const Host = 'releases.example.org'
    assert.equal((await call('GET /api/v1/status', secret, undefined, { Host })).status, 200)
    assert.equal((await call('GET /api/v1/status', null, undefined, { Host })).status, 401)
  })
})
