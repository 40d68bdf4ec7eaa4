#!/usr/bin/env node
import module from 'node:module'
import { fileURLToPath } from 'node:url'
import { ensureNode } from './ensure-node.mjs'

if (ensureNode()) {
  // Types are stripped once, not at every start: `--version` takes half as long.
  module.enableCompileCache?.(fileURLToPath(new URL('../node_modules/.cache/stellwerk', import.meta.url)))
  const { main } = await import('../src/main.ts')
  process.exitCode = await main(process.argv.slice(2))
}
