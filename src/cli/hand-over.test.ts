import assert from 'node:assert/strict'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fakeIo } from '../testing/fake-io.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { runCli } from './run.ts'

test('hands nothing over that holds its own data folder, where keys and tokens lie', async (t) => {
  const cwd = await temporaryFolder('hand-over')
  t.after(() => rm(cwd, { recursive: true, force: true }))
  await mkdir(join(cwd, '.stellwerk'))
  const io = fakeIo({ cwd, env: { STELLWERK_TOKEN: 'x' } })
  const build = `--version v1 --build-url https://ci.example.org/1 --commit ${'ab'.repeat(20)} --component api=.`
  const there = '--server http://127.0.0.1:9 --service shop'
  assert.equal(await runCli(`artifact pin ${build} ${there}`.split(' '), io, {}), 2)
  assert.match(io.errors(), /it holds the data folder of Stellwerk/)
})

test('a name that no service or component can have is refused before anything is read or written', async (t) => {
  const cwd = await temporaryFolder('hand-over')
  t.after(() => rm(cwd, { recursive: true, force: true }))
  const build = `artifact pin --version v1 --build-url https://ci.example.org/1 --commit ${'ab'.repeat(20)}`
  for (const [given, why] of [
    ['--component __proto__=.', /"__proto__" is no name of a component/],
    ['--component Api=.', /"Api" is no name of a component/],
    ['--server http://127.0.0.1:9 --service ../x --component api=.', /"\.\.\/x" is no name of a service/],
  ] as const) {
    const io = fakeIo({ cwd, env: { STELLWERK_TOKEN: 'x' } })
    assert.equal(await runCli(`${build} ${given}`.split(' '), io, {}), 2)
    assert.match(io.errors(), why)
  }
  assert.deepEqual(await readdir(cwd), [])
})
