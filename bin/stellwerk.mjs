#!/usr/bin/env node
import module from 'node:module'
import { compileCache, ensureNode, programOf } from './ensure-node.mjs'

if (ensureNode()) {
  const cache = compileCache()
  if (cache !== null) module.enableCompileCache(cache)
  const { main } = await import(programOf('main'))
  process.exitCode = await main(process.argv.slice(2))
}
