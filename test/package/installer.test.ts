/**
 * `install.sh` against a server that lies like real ones: what is not what was released is refused before npm hears of it. The npm
 * on its PATH writes down that it was asked; that a right download really installs is what test/long/build.test.ts is for.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { readVersion } from '../../src/version.ts'
import { run } from '../../tools/process.ts'
import { ROOT } from '../../tools/tool.ts'

const VERSION = readVersion()
const PACKAGE = `stellwerk-${VERSION}.tgz`
const CONTENT = Buffer.alloc(200_000, 'the package')
const SUM = createHash('sha256').update(CONTENT).digest('hex')
const PAGE = '<!doctype html><title>Sign in to the proxy</title>'

type Answer = (response: ServerResponse) => void
const ok = (body: string | Buffer) => (response: ServerResponse) => void response.end(body)
const RIGHT: Readonly<Record<string, Answer>> = { SHA256SUMS: ok(`${SUM}  ${PACKAGE}\n`), [PACKAGE]: ok(CONTENT) }

/** Sends half of what it said it would. */
const cut: Answer = (response) => {
  response.setHeader('content-length', CONTENT.length)
  response.write(CONTENT.subarray(0, 100_000), () => response.destroy())
}

async function serve(t: TestContext, answers: Readonly<Record<string, Answer>>): Promise<string> {
  const server = createServer((request, response) => {
    const answer = answers[request.url!.split('/').at(-1)!]
    if (answer === undefined) response.writeHead(404).end('not here')
    else answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/stellwerk`
}

describe('install.sh', () => {
  const script = readFileSync(join(ROOT, 'packaging/install.sh'), 'utf8').replaceAll('@VERSION@', VERSION)

  /** Runs it with a home and programs of its own; `asked`: what npm was asked for. */
  async function install(args: readonly string[], programs: Readonly<Record<string, string>> = {}) {
    const folder = await temporaryFolder('installer')
    const [bin, home, prefix] = ['bin', 'home', 'a prefix'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    for (const made of [bin, home]) mkdirSync(made)
    symlinkSync(process.execPath, join(bin, 'node'))
    const npm = `echo "$@" >> '${folder}/asked'; mkdir -p '${prefix}/bin'; printf '#!/bin/sh\\necho ${VERSION}\\n' > '${prefix}/bin/stellwerk'; chmod +x '${prefix}/bin/stellwerk'`
    for (const [name, text] of Object.entries({ npm, ...programs })) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
      chmodSync(join(bin, name), 0o755)
    }
    writeFileSync(join(folder, 'install.sh'), script)
    const env = { HOME: home, TMPDIR: folder, PATH: [bin, process.env['PATH']].join(delimiter) }
    const ended = await run('sh', [join(folder, 'install.sh'), '--prefix', prefix, ...args], {
      timeoutMs: 120_000,
      env,
    })
    const asked = existsSync(join(folder, 'asked')) ? readFileSync(join(folder, 'asked'), 'utf8') : ''
    return { ...ended, asked, prefix }
  }

  test('hands npm what was released, says where it lies, and leaves nothing behind', async (t) => {
    const { code, output, asked, prefix } = await install(['--from', `${await serve(t, RIGHT)}/`])
    assert.equal(code, 0, output)
    assert.match(asked, new RegExp(`^install --global --prefix ${prefix} --ignore-scripts .*/${PACKAGE}\n$`))
    assert.equal(
      output,
      `stellwerk ${VERSION} is installed: ${prefix}/bin/stellwerk\nNext: put ${prefix}/bin on your PATH, then stellwerk demo\n`,
    )
    assert.ok(!existsSync(dirname(asked.trim().split(' ').at(-1)!)), 'its scratch folder is gone')
  })

  const LIES: Readonly<Record<string, readonly [Readonly<Record<string, Answer>>, RegExp]>> = {
    'other content': [{ ...RIGHT, [PACKAGE]: ok('something else') }, /is not what was released\nWhy: its SHA-256 is/],
    'a cut download': [{ ...RIGHT, [PACKAGE]: cut }, /could not download/],
    'no package': [{ SHA256SUMS: RIGHT['SHA256SUMS']! }, /could not download .*\nWhy: .*404/],
    'no checksums': [{ [PACKAGE]: RIGHT[PACKAGE]! }, /could not download .*SHA256SUMS\nWhy: .*404/],
    'a page instead of the package': [{ ...RIGHT, [PACKAGE]: ok(PAGE) }, /is not what was released/],
    'a page instead of the checksums': [{ ...RIGHT, SHA256SUMS: ok(PAGE) }, /SHA256SUMS does not name/],
    'checksums of another version': [{ ...RIGHT, SHA256SUMS: ok(`${SUM}  stellwerk-9.9.9.tgz\n`) }, /does not name/],
  }
  for (const [name, [answers, said]] of Object.entries(LIES)) {
    test(`refuses ${name}, and asks npm for nothing`, async (t) => {
      const { code, output, asked } = await install(['--from', await serve(t, answers)])
      assert.equal(code, 1, output)
      assert.match(output, said)
      assert.match(output, /Nothing was changed\.\nFix: /)
      assert.equal(asked, '')
    })
  }

  test('refuses a machine that Stellwerk does not run on, before it downloads anything', async () => {
    const machines: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
      [{ uname: '[ "$1" = -s ] && echo FreeBSD || echo amd64' }, /this is FreeBSD/],
      [{ uname: '[ "$1" = -s ] && echo Linux || echo riscv64' }, /this processor is a riscv64/],
    ]
    for (const [programs, said] of machines) {
      const { code, output, asked } = await install(['--from', 'http://127.0.0.1:9'], programs)
      assert.equal(code, 2, output)
      assert.match(output, said)
      assert.equal(asked, '')
    }
  })

  test('asks for the same Node as package.json, and says which one is there', async () => {
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    assert.equal(/NODE_WANTED='(.*)'/.exec(script)![1], engines.node.replace('>=', ''))
    for (const old of ['20.20.2', '24.11.9']) {
      const folder = await temporaryFolder('old-node')
      writeFileSync(join(folder, 'node'), `#!/bin/sh\necho ${old}\n`, { mode: 0o755 })
      writeFileSync(join(folder, 'install.sh'), script)
      const env = { PATH: [folder, process.env['PATH']].join(delimiter) }
      const { code, output } = await run('sh', [join(folder, 'install.sh')], { timeoutMs: 60_000, env })
      assert.equal(code, 2, output)
      assert.match(output, new RegExp(`this is Node ${old} .*\nWhy: Stellwerk needs Node 24\\.12 or newer\\.`))
    }
  })

  test('refuses what it cannot use: an unknown option, a relative prefix, no address', async () => {
    for (const [args, said] of [
      [['--form', 'x'], /unknown option --form/],
      [['--prefix'], /--prefix has no value/],
      [['--prefix', 'here'], /--prefix here is not absolute/],
      [[], /not said where to download from/],
    ] as const) {
      const { code, output } = await install(args)
      assert.equal(code, 2, output)
      assert.match(output, said)
    }
  })

  test('--uninstall without an installation says so and is done', async () => {
    const { code, output, asked } = await install(['--uninstall'])
    assert.equal(code, 0, output)
    assert.match(output, /nothing to remove/)
    assert.equal(asked, '')
  })

  test('cut off on its way to sh, it does nothing', async (t) => {
    const from = await serve(t, RIGHT)
    for (const part of [0.3, 0.6, 0.9]) {
      const folder = await temporaryFolder('cut')
      const input = script.slice(0, Math.floor(script.length * part))
      const env = { STELLWERK_FROM: from, HOME: folder, TMPDIR: folder }
      const { output } = await run('sh', ['-s'], { timeoutMs: 60_000, env, input })
      assert.doesNotMatch(output, /is installed/)
      assert.ok(!existsSync(join(folder, '.local')))
    }
  })
})
