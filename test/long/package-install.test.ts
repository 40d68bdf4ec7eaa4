/**
 * The tarball as npm installs it for somebody who has nothing but Node: an empty home, an empty cache, an own prefix, dependencies
 * from the registry, and no install script run. What runs afterwards is `stellwerk` from that prefix's PATH.
 */
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { test } from 'node:test'
import { run } from '../../tools/process.ts'
import { pack } from '../package/packed.ts'

const LIMIT_MS = 300_000

test('npm i -g of the tarball, from nothing, and the demo runs', async (t) => {
  const asked = await run('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=10000'], { timeoutMs: 30_000 })
  if (asked.code !== 0) return t.skip(`npm's registry does not answer:\n${asked.output}`)
  const folder = mkdtempSync(join(tmpdir(), 'stellwerk-install-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o711)
  const [prefix, home, cwd] = ['prefix', 'home', 'demo'].map((name) => join(folder, name)) as [string, string, string]
  for (const made of [home, cwd]) mkdirSync(made, { mode: 0o711 })
  const env = {
    HOME: home,
    npm_config_cache: join(folder, 'cache'),
    PATH: [join(prefix, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter),
  }
  const args = ['install', '--global', '--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund']
  const installed = await run('npm', [...args, await pack(folder)], { timeoutMs: LIMIT_MS, cwd, env })
  assert.equal(installed.code, 0, installed.output)
  const demo = await run('stellwerk', ['demo'], { timeoutMs: LIMIT_MS, cwd, env })
  assert.equal(demo.code, 0, demo.output)
  assert.match(demo.output, /^v2\.0\.0 +finalized +100 %/m)
  assert.match(demo.output, /^v3\.0\.0-5xx +rolled back/m)
})
