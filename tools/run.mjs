// Plain JavaScript that any Node since 16 can read: `node tools/run.mjs test …` starts `tools/test.ts` on a Node that
// can run TypeScript, or says which one is needed.
import { ensureNode } from '../bin/ensure-node.mjs'

if (ensureNode()) {
  const [name, ...args] = process.argv.slice(2)
  const { start } = await import('./tool.ts')
  const { main } = await import(`./${name}.ts`)
  await start(main, args)
}
