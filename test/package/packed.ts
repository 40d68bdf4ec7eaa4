/** The package that `npm pack` makes, unpacked below a `node_modules` that holds what it depends on and nothing else. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from '../../tools/process.ts'
import { ROOT } from '../../tools/tool.ts'

const LIMIT = { timeoutMs: 300_000 }

/** Packs into `folder`, and answers the tarball's path. */
export async function pack(folder: string): Promise<string> {
  const packed = await run('npm', ['pack', '--pack-destination', folder], LIMIT)
  assert.equal(packed.code, 0, packed.output)
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!)
}

/** Unpacks `tarball` as `folder/node_modules/stellwerk`, links its dependencies beside it, and answers its own folder. */
export async function unpack(tarball: string, folder: string): Promise<string> {
  const modules = join(folder, 'node_modules')
  mkdirSync(modules, { recursive: true })
  const unpacked = await run('tar', ['-xzf', tarball], { ...LIMIT, cwd: folder })
  assert.equal(unpacked.code, 0, unpacked.output)
  renameSync(join(folder, 'package'), join(modules, 'stellwerk'))
  for (const path of dependencies()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    symlinkSync(join(ROOT, path), join(folder, path))
  }
  return join(modules, 'stellwerk')
}

/** `node_modules/zod`: those that are installed for whoever does not work on Stellwerk itself. */
function dependencies(): readonly string[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { dev?: boolean; devOptional?: boolean }>>
  }
  return Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && !devOptional)
    .map(([path]) => path)
    .filter((path) => existsSync(join(ROOT, path)))
}
