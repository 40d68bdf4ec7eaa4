/** Claims the slot in the folder given, holds it for a moment, and dies; says so when somebody else held it meanwhile. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startOf } from '../../src/adapters/command/process-group.ts'
import { claim, livingSupervisor } from '../../src/adapters/platform/process/claim.ts'

const folder = process.argv[2]!
const record = { format: 1 as const, pid: process.pid, start: startOf(process.pid)!, port: 1, token: 'x' }
while (!claim(folder, record)) {}
writeFileSync(join(folder, 'held'), '', { flag: 'wx' })
const until = performance.now() + Math.random() * 5
while (performance.now() < until) {}
rmSync(join(folder, 'held'))
if (livingSupervisor(folder)?.pid !== process.pid) throw new Error('lost the claim while holding it')
