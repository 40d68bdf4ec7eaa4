/** `npm run new`: what it writes compiles, says that it is not written yet, and is refused where it cannot be. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { main } from '../tools/new.ts'
import { PORTS } from '../tools/new/ports.ts'

const ROOT = join(import.meta.dirname, '..')

describe('a new adapter', () => {
  let root = ''
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'stellwerk-new-'))
    for (const path of ['src', 'tsconfig.json', 'package.json', 'biome.json'])
      cpSync(join(ROOT, path), join(root, path), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  })
  after(() => rmSync(root, { recursive: true, force: true }))

  /** As somebody at a terminal would, not as a test within this one. */
  const run = (...args: readonly string[]) => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env })
  }

  it('of every port compiles, whatever its kind means in TypeScript', () => {
    for (const port of Object.keys(PORTS)) assert.equal(main([port, 'null'], root), 0)
    const { stdout, status } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['--noEmit', '-p', root], {
      encoding: 'utf8',
      cwd: root,
    })
    assert.equal(status, 0, stdout)
    assert.match(readFileSync(join(root, 'src/adapters/registry.ts'), 'utf8'), /gates: \[[^\]]*nullGate\]/)
  })

  it('fails the contract of its port, and says that it is not written', () => {
    const { stdout, status } = run('--test', 'src/adapters/gate/null/null.test.ts')
    assert.equal(status, 1)
    assert.match(stdout, /The gate null is not written yet\./)
  })

  it('is not begun twice, nor under a name that stellwerk.yaml could not have', () => {
    for (const args of [['gate', 'variables'], ['gate', 'Dns'], ['gate', '../x'], ['gates', 'dns'], []])
      assert.equal(main(args, root), 2)
  })
})
