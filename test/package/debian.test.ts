/**
 * What the Debian package consists of, with a small tree in the place of Node and dependencies: building the whole one, and running
 * its demo, is for test/long/build.test.ts.
 */
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { allVerbs } from '../../src/cli/index.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { debianChangelog, sectionOf } from '../../tools/package/changelog.ts'
import { debianPackage } from '../../tools/package/deb.ts'
import { manPage } from '../../tools/package/man.ts'
import { run } from '../../tools/process.ts'
import { ROOT } from '../../tools/tool.ts'

const LIMIT = { timeoutMs: 120_000 }
const DATE_MS = Date.parse('2026-11-30T12:00:00Z')
const has = async (program: string) => (await run(program, ['--version'], LIMIT)).code === 0

/** Builds one in a folder of its own, and answers its path. */
async function build(): Promise<string> {
  const folder = await temporaryFolder('deb')
  const files = {
    'stage/app/bin/stellwerk.mjs': '',
    'stage/app/package.json': '{}',
    'stage/node/bin/node': '#!/bin/sh\n',
    'stage/node/LICENSE': 'MIT',
    'share/stellwerk.1': await manPage({ version: '1.2.3', dateMs: DATE_MS }),
    'share/stellwerk.bash': '# bash',
    'share/stellwerk.zsh': '#compdef stellwerk',
    'share/stellwerk.fish': '# fish',
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const stage = { app: join(folder, 'stage/app'), node: join(folder, 'stage/node') }
  const out = join(folder, 'stellwerk.deb')
  const input = { stage, cpu: 'arm64', version: '1.2.3', dateMs: DATE_MS, share: join(folder, 'share') } as const
  await debianPackage({ ...input, tree: join(folder, 'tree') }, out)
  return out
}

describe('the Debian package', () => {
  test('holds command, unit, options, manual and completions, owned by root, with the modes they need', async (t) => {
    if (!(await has('dpkg-deb'))) return t.skip('dpkg-deb is not installed')
    const listed = await run('dpkg-deb', ['--contents', await build()], LIMIT)
    for (const wanted of [
      /^-rwxr-xr-x root\/root .* \.\/usr\/bin\/stellwerk$/m,
      /^-rwxr-xr-x root\/root .* \.\/usr\/lib\/stellwerk\/node\/node$/m,
      /^-rw-r--r-- root\/root .* \.\/usr\/lib\/systemd\/system\/stellwerk\.service$/m,
      /^-rw-r----- root\/root .* \.\/etc\/stellwerk\/stellwerk\.env$/m,
      /\.\/usr\/share\/man\/man1\/stellwerk\.1\.gz$/m,
      /\.\/usr\/share\/bash-completion\/completions\/stellwerk$/m,
      /\.\/usr\/share\/zsh\/vendor-completions\/_stellwerk$/m,
      /\.\/usr\/share\/fish\/vendor_completions\.d\/stellwerk\.fish$/m,
    ])
      assert.match(listed.output, wanted)
  })

  test('says its version and its processor, keeps its options file, and is the same bytes every time', async (t) => {
    if (!(await has('dpkg-deb'))) return t.skip('dpkg-deb is not installed')
    const [one, other] = [await build(), await build()]
    assert.ok(readFileSync(one).equals(readFileSync(other)))
    const { output } = await run('dpkg-deb', ['--field', one, 'Version', 'Architecture'], LIMIT)
    assert.equal(output, 'Version: 1.2.3\nArchitecture: arm64\n')
    assert.equal((await run('dpkg-deb', ['--info', one, 'conffiles'], LIMIT)).output, '/etc/stellwerk/stellwerk.env\n')
  })

  test('its unit ends the control plane alone, and nothing in it takes from instances what they run on', async (t) => {
    const unit = readFileSync(join(ROOT, 'packaging/debian/stellwerk.service'), 'utf8')
    assert.match(unit, /^KillMode=process$/m)
    assert.doesNotMatch(unit, /^(PrivateTmp|RemoveIPC|RuntimeDirectory|MemoryDenyWriteExecute|DynamicUser)=/m)
    if (!(await has('systemd-analyze'))) return t.skip('systemd-analyze is not installed')
    // It looks whether the program is there, and judges the rest all the same where it is.
    const file = join(await temporaryFolder('unit'), 'stellwerk.service')
    writeFileSync(file, unit.replace('/usr/bin/stellwerk', '/bin/true'))
    const args = ['security', '--offline=yes', '--no-pager', '--threshold=30', file]
    const { code, output } = await run('systemd-analyze', args, LIMIT)
    assert.equal(code, 0, output)
    assert.match(output, /Overall exposure level for stellwerk\.service: [0-2]\.\d/)
  })

  test('the section of its version is its changelog, in the form that Debian reads', async (t) => {
    const markdown =
      '# C\n\n## [Unreleased]\n\n- next\n\n## [1.0.0]\n\n### Added\n\n- one\n  more\n- two\n\n## [0.9.0]\n\n- old\n'
    assert.equal(sectionOf(markdown, '3.0.0'), '- next')
    assert.throws(() => sectionOf('# C\n', '1.0.0'), /neither a section \[1\.0\.0\] nor one/)
    const text = debianChangelog(markdown, { version: '1.0.0', dateMs: DATE_MS })
    assert.match(
      text,
      /^stellwerk \(1\.0\.0\) unstable; urgency=medium\n\n {2}\[ Added \]\n {2}\* one more\n {2}\* two\n\n -- /,
    )
    if (!(await has('dpkg-parsechangelog'))) return t.skip('dpkg-parsechangelog is not installed')
    const real = debianChangelog(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'), {
      version: '1.0.0',
      dateMs: DATE_MS,
    })
    const parsed = await run('dpkg-parsechangelog', ['-l', '-', '-S', 'Timestamp'], { ...LIMIT, input: real })
    assert.equal(parsed.output, `${DATE_MS / 1000}\n`)
  })
})

describe('the manual page', () => {
  test('names every verb and every option of its own, and no line is taken for a request of roff', async () => {
    const page = await manPage({ version: '1.2.3', dateMs: DATE_MS })
    assert.match(page, /^\.TH STELLWERK 1 "2026-11-30" "stellwerk 1\.2\.3" "User Commands"\n/)
    const plain = page.replaceAll('\\-', '-').replaceAll('\\(aq', "'")
    for (const { name, options = {} } of await allVerbs()) {
      assert.ok(plain.includes(`.SS "stellwerk ${name}`), name)
      for (const { flags } of Object.values(options)) assert.ok(plain.includes(`.B ${flags}\n`), flags)
    }
    const requests = page.split('\n').filter((line) => /^[.']/.test(line))
    assert.ok(requests.every((line) => /^\.(TH|SH|SS|PP|TP|B|I|nf|fi|RS|RE)\b/.test(line)))
  })

  test('man-db formats it without a warning', async (t) => {
    if (!(await has('man'))) return t.skip('man is not installed')
    const input = await manPage({ version: '1.2.3', dateMs: DATE_MS })
    const env = { MANWIDTH: '80', LC_ALL: 'C.UTF-8' }
    const { code, output } = await run('man', ['--warnings', '--local-file', '-Tutf8', '-Z', '-'], {
      ...LIMIT,
      env,
      input,
    })
    assert.equal(code, 0, output)
    assert.doesNotMatch(output, /warning/)
  })
})
