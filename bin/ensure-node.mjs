// Plain JavaScript that every Node since 16 can read: the first file to run, so the one that must not
// fail with a syntax error when somebody's `node` is old.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const WANTED = 24

/** True when this Node is new enough; otherwise runs the same command on the Node that npm installed beside us. */
export function ensureNode() {
  const [major] = process.versions.node.split('.').map(Number)
  if (major >= WANTED) return true
  const pinned = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))
  if (existsSync(pinned)) runOn(pinned)
  else refuse()
  return false
}

function refuse() {
  console.error(`Stellwerk needs Node ${WANTED} or newer; this is Node ${process.versions.node} (${process.execPath}).
Why: Stellwerk runs its TypeScript sources directly, which older versions of Node cannot do.
Fix: run "npm ci" in Stellwerk's folder (it installs Node ${WANTED} on Linux), or install Node ${WANTED}.`)
  process.exitCode = 2
}

/** Whoever started us sees one process: signals reach the other Node, its exit code or its signal is ours. */
function runOn(node) {
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' })
  // A terminal sends Ctrl-C to both of us; handed on, it would count as the second Ctrl-C, the impatient one.
  const forwarders = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
    const forward = () => (signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal)
    process.on(signal, forward)
    return () => process.off(signal, forward)
  })
  child.on('error', (error) => {
    console.error(`Stellwerk could not start ${node}: ${error.message}`)
    process.exitCode = 2
  })
  child.on('exit', (code, signal) => {
    for (const stop of forwarders) stop()
    if (signal === null) process.exitCode = code
    else process.kill(process.pid, signal)
  })
}
