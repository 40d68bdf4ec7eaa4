/**
 * What `npm run build` makes, as somebody has it who installs it: two builds are equal byte for byte; the demo runs out of the Debian
 * package's tree, with its own Node and PostgreSQL and no other on the PATH, and out of what install.sh installed from nothing.
 */
import assert from 'node:assert/strict'
import { createReadStream, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, delimiter, dirname, join } from 'node:path'
import { before, describe, test } from 'node:test'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { run } from '../../tools/process.ts'

const LIMIT = { timeoutMs: 900_000 }

async function succeeds(program: string, args: readonly string[], options: object = {}): Promise<string> {
  const { code, output } = await run(program, args, { ...LIMIT, ...options })
  assert.equal(code, 0, output)
  return output
}

function finalized(output: string): void {
  assert.match(output, /^v2\.0\.0 +finalized +100 %/m)
  assert.match(output, /^v3\.0\.0-5xx +rolled back/m)
}

describe('npm run build', () => {
  let out = ''
  let skipped = ''
  before(async () => {
    const asked = await run('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=10000'], { timeoutMs: 30_000 })
    if (asked.code !== 0) skipped = `npm's registry does not answer: ${asked.output}`
    else {
      out = await temporaryFolder('build')
      await succeeds('npm', ['run', 'build', '--', '--out', out])
    }
  })

  test('a second build is the same, byte for byte', async (t) => {
    if (skipped) return t.skip(skipped)
    const again = await temporaryFolder('again')
    await succeeds('npm', ['run', 'build', '--', '--out', again])
    assert.equal(readFileSync(join(again, 'SHA256SUMS'), 'utf8'), readFileSync(join(out, 'SHA256SUMS'), 'utf8'))
    await succeeds('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: out })
  })

  test('the Debian package runs the demo with nothing but what it brings', async (t) => {
    const cpu = process.arch === 'arm64' ? 'arm64' : 'amd64'
    const deb = out && readdirSync(out).find((name) => name.endsWith(`_${cpu}.deb`))
    if (!deb) return t.skip(skipped || 'dpkg-deb is not installed')
    const tree = await temporaryFolder('tree')
    await succeeds('dpkg-deb', ['--extract', join(out, deb), tree])
    const [home, cwd] = ['home', 'demo'].map((name) => join(tree, name)) as [string, string]
    for (const made of [home, cwd]) mkdirSync(made)
    const library = join(tree, 'usr/lib/stellwerk')
    // As /usr/bin/stellwerk does, which finds them below /usr.
    const env = { HOME: home, PATH: `/usr/sbin:/usr/bin:/sbin:/bin:${library}/node` }
    const args = [join(library, 'app/bin/stellwerk.mjs'), 'demo']
    finalized(await succeeds(join(library, 'node/node'), args, { cwd, env }))
  })

  test('install.sh installs from nothing, again, runs the demo, and leaves nothing when it is told to', async (t) => {
    if (skipped) return t.skip(skipped)
    const server = createServer((request, response) => {
      createReadStream(join(out, basename(request.url!)))
        .on('error', () => response.writeHead(404).end())
        .pipe(response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => server.close())
    const folder = await temporaryFolder('installed')
    const cwd = join(folder, 'demo')
    mkdirSync(cwd)
    const prefix = join(folder, 'prefix')
    const env = {
      HOME: folder,
      npm_config_cache: join(folder, 'cache'),
      STELLWERK_FROM: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      PATH: [join(prefix, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter),
    }
    const script = [join(out, 'install.sh'), '--prefix', prefix]
    for (const _ of ['from nothing', 'again'])
      assert.match(await succeeds('sh', script, { cwd, env }), /is installed: /)
    finalized(await succeeds('stellwerk', ['demo'], { cwd, env }))
    await succeeds('sh', [...script, '--uninstall'], { cwd, env })
    assert.deepEqual(readdirSync(join(prefix, 'bin')), [])
  })
})
