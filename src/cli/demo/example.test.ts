import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { DEMO_BUILDS, loadExample } from './example.ts'

test('in the repository the demo bundles what it releases', async () => {
  const example = await loadExample()
  assert.match(readFileSync(join(example.folder, 'demo.yaml'), 'utf8'), /^service: lokaltreu$/m)
  const built = await example.build(DEMO_BUILDS, await temporaryFolder('example'))
  assert.deepEqual(
    built.map(({ build }) => build.version),
    ['v1.0.0', 'v2.0.0', 'v3.0.0-5xx'],
  )
  for (const { build, folder } of built)
    assert.match(readFileSync(join(folder, 'server.js'), 'utf8'), new RegExp(`"${build.version}"`))
})
