#!/usr/bin/env node
import { ensureNode } from './ensure-node.mjs'

if (ensureNode()) await import('../src/router/main.ts')
