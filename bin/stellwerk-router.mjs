#!/usr/bin/env node
import { ensureNode, programOf } from './ensure-node.mjs'

if (ensureNode()) await import(programOf('router/main'))
