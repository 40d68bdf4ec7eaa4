import { english } from '../core/say.ts'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { initFolder } from '../composition/init.ts'
import { readSpec } from '../composition/deps.ts'
import { fakeIo } from '../testing/fake-io.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { globalKeysOf } from './globals.ts'
import { allVerbs, HEADINGS, VERBS } from './index.ts'
import { runCli } from './run.ts'

async function run(line: string, options: Parameters<typeof fakeIo>[0] = {}) {
  const io = fakeIo(options)
  const code = await runCli(line === '' ? [] : line.split(' '), io, { readSpec })
  return { code, output: io.output(), errors: io.errors() }
}

describe('help', () => {
  it('lists every verb once, below a heading, before the options', async () => {
    const { code, output } = await run('help')
    assert.equal(code, 0)
    for (const word of Object.keys(VERBS))
      assert.equal(output.match(new RegExp(`^  ${word}\\b`, 'gm'))?.length, 1, word)
    const headings = [...output.matchAll(/^\S.*:$/gm)].map(([heading]) => heading.slice(0, -1))
    const groups = Object.values(HEADINGS).map(english)
    assert.deepEqual(headings.slice(0, groups.length), groups)
    assert(headings.length - groups.length <= 4, 'few headings for the options')
    assert.deepEqual(await run('--help'), { code, output, errors: '' })
  })

  for (const [line, shown] of [
    ['help deploy', 'Usage: stellwerk deploy'],
    ['deploy --help', 'Usage: stellwerk deploy'],
    ['help token', 'Usage: stellwerk token VERB'],
    ['help token create', 'Usage: stellwerk token create'],
    ['help help', 'Usage: stellwerk help'],
    ['--json help deploy', 'Usage: stellwerk deploy'],
  ] as const) {
    it(`"${line}" shows it, and answers 0`, async () => {
      const { code, output, errors } = await run(line)
      assert.deepEqual([code, errors], [0, ''])
      assert(output.startsWith(shown), output)
    })
  }

  for (const word of ['token', 'audit', 'artifact']) {
    it(`"${word}" alone shows its verbs on stderr, and answers 2`, async () => {
      const { code, output, errors } = await run(word)
      assert.deepEqual([code, output], [2, ''])
      assert.match(errors, new RegExp(`^Usage: stellwerk ${word} VERB[^]*\\nVerbs:\\n  \\w`))
      assert(!errors.includes('outputHelp'))
    })
  }

  it('is no answer to a verb that does not exist', async () => {
    for (const line of ['depoly', 'depoly --help', 'help depoly', 'depoly -h']) {
      const { code, output, errors } = await run(line)
      assert.deepEqual([code, output], [2, ''], line)
      assert.match(errors, /unknown command 'depoly'\nWhy: Did you mean deploy\?/)
    }
    assert.match((await run('token craete')).errors, /Did you mean create\?/)
  })

  it('version answers what --version does, for programs too', async () => {
    const { output } = await run('version')
    assert.match(output, /^\d+\.\d+\.\d+\n$/)
    assert.deepEqual(JSON.parse((await run('version --json')).output), { version: output.trim() })
  })
})

describe('a slip on the command line', () => {
  const slips: readonly (readonly [string, RegExp])[] = [
    [
      'deploy --enviroment prod',
      /unknown option '--enviroment'\nWhy: Did you mean --environment\?\nFix: stellwerk help deploy/,
    ],
    ['deploy --artefact v1 -e prod', /Did you mean --artifact\?/],
    ['rollback --raeson x', /Did you mean --reason\?/],
    ['deploy -e prod', /deploy needs --artifact <file\|version>\nWhy: /],
    ['rollback', /rollback needs --reason <text>/],
    ['token create', /token create needs --name <text> and --person <id>/],
    ['validate -f other.yaml', /Why: -f follows logs; the spec is named with --file\n/],
    ['token list -e prod', /Why: it would have no effect on "token list"\n/],
    ['-e prod token list', /token list takes no -e, --environment <name>\nWhy: it would have no effect\n/],
    ['--timeout 5m validate', /validate takes no --timeout/],
    ['status --lang fr', /is none of en, de/],
    ['rollback --reason x --cause because', /is none of person, incident, security-finding/],
    ['up --log-level loud', /is none of trace, /],
    ['completion tcsh', /there is no completion for "tcsh"\nWhy: there is for bash, zsh, fish/],
    ['validate too many', /too many arguments/],
  ]
  for (const [line, said] of slips) {
    it(`"${line}" is answered with what was probably meant`, async () => {
      const { code, errors } = await run(line)
      assert.equal(code, 2)
      assert.match(errors, said)
    })
  }

  const EMPTY: readonly (readonly [readonly string[], string])[] = [
    [['rollback', '-e', '', '--reason', 'bad'], '-e, --environment <name>'],
    [['-e', ' ', 'rollback', '--reason', 'bad'], '-e, --environment <name>'],
    [['rollback', '--environment=', '--reason', 'bad'], '-e, --environment <name>'],
    [['rollback', '', '--reason', 'bad'], 'rollout'],
    [['rollback', '--reason', ''], '--reason <text>'],
    [['status', '--data', ''], '--data <folder>'],
    [
      ['token', 'create', '--name', 'ci', '--person', 'ci:x', '--scope', 'deploy', '--for-environment', ''],
      '--for-environment <name>',
    ],
  ]
  for (const [argv, what] of EMPTY)
    it(`${JSON.stringify(argv)} does not mean whichever there is`, async () => {
      const io = fakeIo()
      const code = await runCli(argv, io, { readSpec })
      assert.deepEqual([code, io.output()], [2, ''])
      assert.ok(io.errors().startsWith(`Error: ${what} is empty\n`), io.errors())
    })

  it('a component named twice is not pinned as one of the two', async () => {
    const commit = '1'.repeat(40)
    const line = `artifact pin --version v1 --commit ${commit} --build-url https://ci/1 --component api=./a --component api=./b`
    const { code, errors } = await run(line)
    assert.equal(code, 2)
    assert.match(errors, /^Error: api is named twice/)
  })

  it('an address with a password in it is refused without being shown', async () => {
    const { code, errors } = await run('status --server http://kim:hunter22@127.0.0.1:7070')
    assert.equal(code, 2)
    assert.match(errors, /^Error: the address of 127\.0\.0\.1:7070 cannot be used as it is/)
    assert.doesNotMatch(errors, /hunter22|kim/)
  })

  it('a folder to which nothing can be written is named, with why', async () => {
    const inTheWay = join(await temporaryFolder('init'), 'file')
    await writeFile(inTheWay, '')
    const io = fakeIo()
    const code = await runCli(['init', inTheWay], io, { initSpec: initFolder })
    assert.deepEqual([code, io.output()], [2, ''])
    assert.match(io.errors(), /^Error: cannot write a spec into .*file\nWhy: EEXIST/)
  })

  it('no short option means two things', async () => {
    const meanings = new Map<string, Set<string>>()
    for (const { options = {} } of await allVerbs()) {
      for (const { flags } of Object.values(options)) {
        const [, short, long] = /^(-\w), (--[\w-]+)/.exec(flags) ?? []
        if (short) meanings.set(short, (meanings.get(short) ?? new Set()).add(long!))
      }
    }
    for (const [short, longs] of meanings) assert.equal(longs.size, 1, `${short}: ${[...longs].join(', ')}`)
    assert(!['-e', '-y', '-q', '-h'].some((short) => meanings.has(short)), 'shared short options stay what they are')
  })

  it('every verb says which of the shared options have an effect on it', async () => {
    for (const verb of await allVerbs()) {
      assert(verb.takes, `${verb.name} names none`)
      assert.deepEqual(
        globalKeysOf(verb).toSorted(),
        [...new Set([...verb.takes, 'quiet', 'lang'])].toSorted(),
        verb.name,
      )
    }
  })
})

describe('completion', () => {
  const bash = spawnSync('bash', ['--version']).status === 0

  /** What bash offers for the last of these words. */
  async function offered(...words: readonly string[]): Promise<readonly string[]> {
    const { output } = await run('completion bash')
    const script = `${output}\nCOMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _stellwerk; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
    assert.equal(stderr, '')
    return stdout.trim().split('\n').filter(Boolean)
  }

  it('of bash knows verbs, second words, options and values', { skip: !bash && 'no bash here' }, async () => {
    assert.deepEqual(await offered('stellwerk', 'de'), ['demo', 'deploy'])
    assert.deepEqual(await offered('stellwerk', 'token', ''), ['create', 'list', 'revoke'])
    assert.deepEqual(await offered('stellwerk', 'token', 'create', '--sc'), ['--scope'])
    assert.deepEqual(await offered('stellwerk', 'token', 'create', '--scope', 'a'), ['approve', 'admin'])
    assert.deepEqual(await offered('stellwerk', '-e', 'prod', 'deploy', '--art'), ['--artifact'])
    assert.deepEqual(await offered('stellwerk', '--lang', ''), ['en', 'de'])
    assert.deepEqual(await offered('stellwerk', '-e', ''), [], 'a name, not a verb')
    assert.deepEqual(await offered('stellwerk', 'deploy', '--lang', ''), ['en', 'de'])
    assert.deepEqual(await offered('stellwerk', 'completion', ''), ['bash', 'zsh', 'fish'])
    assert.deepEqual(await offered('stellwerk', 'help', 'roll'), ['rollback'])
    assert.deepEqual(await offered('stellwerk', 'deploy', '--artifact', ''), [], 'files, by the shell itself')
  })

  /** Answers what the scripts ask for, as a `stellwerk` on the PATH would. */
  const ANSWERS = { environments: 'dev prod', services: 'shop', versions: 'v1.4.0 v1.5.0', rollouts: 'shop-prod-1' }
  const asks = [
    ['deploy -e ', ['dev', 'prod']],
    ['deploy -e prod --artifact v1.', ['v1.4.0', 'v1.5.0']],
    ['rollback ', ['shop-prod-1']],
    ['status --service ', ['shop']],
  ] as const

  for (const shell of ['bash', 'fish']) {
    const isHere = spawnSync(shell, ['--version']).status === 0
    it(`of ${shell} offers the names that there are now`, { skip: !isHere && `no ${shell} here` }, async () => {
      const { output } = await run(`completion ${shell}`)
      const folder = await temporaryFolder('completion')
      const lines = Object.entries(ANSWERS).map(([kind, names]) => `${kind}) printf '%s\\n' ${names} ;;`)
      await writeFile(join(folder, 'stellwerk'), `#!/bin/sh\ncase "$2" in\n${lines.join('\n')}\nesac\n`, {
        mode: 0o755,
      })
      const env = { ...process.env, HOME: folder, PATH: `${folder}:${process.env['PATH']}` }
      for (const [typed, expected] of asks) {
        const words = `stellwerk ${typed}`.split(' ')
        const script = {
          bash: `${output}\nCOMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _stellwerk; printf '%s\\n' "\${COMPREPLY[@]}"`,
          fish: `${output}\ncomplete -C 'stellwerk ${typed}' | string split -f 1 \\t`,
        }[shell]!
        const args = shell === 'bash' ? ['-c', script, 'bash', ...words] : ['--no-config', '-c', script]
        const { stdout, stderr } = spawnSync(shell, args, { encoding: 'utf8', env, cwd: folder })
        assert.equal(stderr, '')
        const offered = stdout.trim().split('\n')
        assert.deepEqual(
          offered.filter((word) => expected.some((name) => name === word)),
          [...expected],
          `${typed}: ${stdout}`,
        )
        if (shell === 'bash') assert.equal(offered.length, expected.length, stdout)
      }
      await rm(folder, { recursive: true })
    })
  }

  it('of zsh asks for the same names, and is a script that zsh reads', async () => {
    const { output } = await run('completion zsh')
    for (const kind of Object.keys(ANSWERS))
      assert.ok(output.includes(`stellwerk completion ${kind} 2>/dev/null`), kind)
    const read = spawnSync('zsh', ['-n'], { input: output, encoding: 'utf8' })
    if (read.error === undefined) assert.deepEqual([read.status, read.stderr], [0, ''])
  })

  it('finds names in the spec, in what is pinned, and in nothing else where no control plane is', async () => {
    const cwd = await temporaryFolder('names')
    await mkdir(join(cwd, '.stellwerk/artifacts'), { recursive: true })
    for (const version of ['v1', 'v2', '$(reboot)', 'a b'])
      await writeFile(join(cwd, `.stellwerk/artifacts/${version}.json`), '{}')
    const asked = async (kind: string) => {
      const { code, output, errors } = await run(`completion ${kind}`, { cwd })
      assert.deepEqual([code, errors], [0, ''])
      return output.split('\n').filter(Boolean).toSorted()
    }
    assert.deepEqual(await asked('versions'), ['v1', 'v2'], 'what a shell would take for an order is not offered')
    assert.deepEqual(await asked('rollouts'), [])
    assert.deepEqual(await asked('environments'), [], 'without a spec')
    await initFolder({ folder: cwd, service: 'shop', force: false })
    assert.deepEqual(await asked('services'), ['shop'])
    assert.deepEqual(await asked('environments'), ['dev', 'prod', 'stage'])
    await rm(cwd, { recursive: true })
  })

  for (const shell of ['bash', 'zsh', 'fish']) {
    it(`of ${shell} has every verb and every option, from the descriptors`, async () => {
      const { code, output } = await run(`completion ${shell}`)
      assert.equal(code, 0)
      const options = (await allVerbs()).flatMap(({ options = {} }) => Object.values(options))
      for (const { flags } of options) {
        const [long] = /--[\w-]+/.exec(flags)!
        assert(output.includes(shell === 'fish' ? `-l ${long.slice(2)}` : long), long)
      }
      for (const word of Object.keys(VERBS)) assert(output.includes(word), word)
    })
  }
})

describe('an invalid spec', () => {
  const SPEC =
    'service: shop\ncomponents: { api: { platform: { kind: process, command: x }, router: { kind: embedded } } }\nanalysis: [{ metric: error-rate, max: 1% }]\nsmoke: [{ http: GET / }]\nrollout: { hold: soon }\nenvironments: { dev: {} }\n'

  async function invalid(line: string, text = SPEC) {
    const cwd = await temporaryFolder('invalid')
    try {
      await writeFile(join(cwd, 'stellwerk.yaml'), text)
      return await run(line, { cwd })
    } finally {
      await rm(cwd, { recursive: true })
    }
  }

  it('is shown with the line it is about and a caret, and without filler', async () => {
    const { code, errors } = await invalid('validate')
    assert.equal(code, 2)
    assert.match(
      errors,
      /\n  - stellwerk\.yaml:5:18: rollout\.hold: expected a duration .*\n    5 \| rollout: \{ hold: soon \}\n      \|                  \^\n$/,
    )
  })

  it('gives no orders to the terminal, whatever stands in it', async () => {
    const { errors } = await invalid(
      'validate',
      SPEC.replace('{ hold: soon }', '{ hold: soon } # \u001b[2J\u009b31m\u202e\u0007'),
    )
    assert.match(errors, /rollout\.hold/)
    for (const order of ['\u001b', '\u009b', '\u202e', '\u0007']) assert(!errors.includes(order), JSON.stringify(order))
  })

  it('is data under --json: every problem with its place, on stdout, and still 2', async () => {
    const { code, output, errors } = await invalid('validate --json')
    assert.deepEqual([code, errors], [2, ''])
    const { ok, problems } = JSON.parse(output)
    assert.equal(ok, false)
    assert.equal(problems.length, 1)
    assert.match(problems[0].where, /stellwerk\.yaml:5:18$/)
  })
})
