/** `npm run new -- gate dns`: the folder, test and registry line of a new adapter. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './tool.ts'
import { adapterText, nameOf, testText, withLine } from './new/files.ts'
import { PORTS } from './new/ports.ts'

const REGISTRY = 'src/adapters/registry.ts'
const USAGE = `npm run new -- PORT KIND; PORT is one of ${Object.keys(PORTS).join(', ')}; KIND is lower case, as in stellwerk.yaml: file-exists`

export function main([port = '', kind = '']: readonly string[], root: string = ROOT): number {
  const template = Object.hasOwn(PORTS, port) ? PORTS[port] : undefined
  if (!template || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(kind)) return refuse(USAGE)
  const folder = `src/adapters/${template.folder}/${kind}`
  if (existsSync(join(root, folder))) return refuse(`${folder} is there already`)
  const registry = readFileSync(join(root, REGISTRY), 'utf8')
  const adapter = { port, kind, template }
  const name = nameOf(adapter)
  mkdirSync(join(root, folder), { recursive: true })
  const files = [
    [`${folder}/${kind}.ts`, adapterText(adapter, name)],
    [`${folder}/${kind}.test.ts`, testText(adapter, name)],
    [REGISTRY, withLine(registry, adapter, name)],
  ] as const
  for (const [path, text] of files) writeFileSync(join(root, path), text)
  spawnSync(join(ROOT, 'node_modules/.bin/biome'), ['format', '--write', ...files.map(([path]) => join(root, path))])
  console.log(`${files.map(([path]) => path).join('\n')}

Next:
  node --test ${folder}/${kind}.test.ts
      what it promises, and does not keep yet; whether every key has another value
  npm run gen
      the reference page and the JSON Schema
  AGENTS.md
      what an adapter may use, and the way from here`)
  return 0
}

function refuse(message: string): number {
  console.error(message)
  return 2
}
