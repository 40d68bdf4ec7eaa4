/** What becomes of a verb whose output nobody takes. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type CliWorld, startCliWorld } from '../../src/testing/cli-process.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'

const BIN = fileURLToPath(new URL('../../bin/stellwerk.mjs', import.meta.url))
const isLinux = process.platform === 'linux'

describe('output that cannot be written', () => {
  it('ends with 1 and one sentence', { skip: !isLinux && 'no /dev/full' }, async () => {
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [BIN, 'help'], { stdio: ['ignore', full, 'pipe'] })
    let errors = ''
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (errors += text))
    const [code] = await once(child, 'close')
    closeSync(full)
    assert.equal(code, 1)
    assert.match(errors, /^Error: cannot write to stdout\nWhy: .*no space left.*\n$/)
  })

  it('ends no control plane', async () => {
    const folder = await temporaryFolder('output')
    const args = [BIN, 'up', '--listen', '127.0.0.1:0', '--data', folder]
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) stream!.destroy()
    const ended = once(child, 'close')
    const file = join(folder, 'control-plane.json')
    try {
      const text = await until('the control plane says where it is', () => readFile(file, 'utf8').catch(() => ''))
      const { url } = JSON.parse(text) as { readonly url: string }
      assert.equal((await fetch(`${url}/health`)).status, 200)
    } finally {
      child.kill('SIGTERM')
    }
    const [code] = await ended
    assert.equal(code, 0)
    assert.equal(await lstat(file).catch(() => null), null, 'it has ended in order')
  })
})

describe('with a control plane', () => {
  let world: CliWorld
  before(async () => {
    world = await startCliWorld()
  })
  after(() => world.stop())

  it('a deploy whose output nobody reads any more does not end with 0', async () => {
    world.fake.onRequest = ({ id }) => world.fake.put(id, { phase: 'holding' })
    const run = await world.start(['deploy', '-e', 'prod', '--artifact', 'artifact.json', '--yes'])
    for (const stream of [run.child.stdout, run.child.stderr]) stream!.destroy()
    assert.equal((await run.ended).code, 130)
  })

  it('audit export --out writes into a pipe that is there, and replaces none', {
    skip: !isLinux && 'no mkfifo',
  }, async () => {
    const pipe = join(world.folder, 'pipe')
    assert.equal(spawnSync('mkfifo', [pipe]).status, 0)
    const reading = readFile(pipe, 'utf8')
    const { code, stderr } = await world.cli(['audit', 'export', '--out', 'pipe'], { scopes: ['read'] })
    assert.equal(code, 0, stderr)
    const { stdout } = await world.cli(['audit', 'export'], { scopes: ['read'] })
    assert.equal(await reading, stdout)
    assert.ok((await lstat(pipe)).isFIFO())
  })
})
