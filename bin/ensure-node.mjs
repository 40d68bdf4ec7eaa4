// Plain JavaScript that every Node since 16 can read: the first file to run, so the one that must not
// fail with a syntax error when somebody's `node` is old.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Major and minor; the same as `engines` of package.json. */
const WANTED = [24, 12]
const PLATFORMS = ['linux', 'darwin']

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
/** In its repository Stellwerk runs as it stands there; a package carries it compiled, below `lib`. */
const IN_REPOSITORY = existsSync(here('../src/main.ts'))

/** True when this Node is new enough; otherwise runs the same command on the Node that npm installed beside us. */
export function ensureNode() {
  const pinned = here('../node_modules/.bin/node')
  if (!PLATFORMS.includes(process.platform)) refusePlatform()
  else if (isNewEnough(process.versions.node)) return true
  else if (IN_REPOSITORY && existsSync(pinned)) runOn(pinned)
  else refuseNode()
  return false
}

/** `main` → the URL of the program, as TypeScript or compiled. */
export function programOf(name) {
  return new URL(IN_REPOSITORY ? `../src/${name}.ts` : `../lib/src/${name}.js`, import.meta.url).href
}

/**
 * Where code is kept as the engine compiled it, so that the next start takes half as long: in a repository beside what npm
 * installed; otherwise in the cache of whoever runs it, for the package may be somebody else's. Null without a home.
 */
export function compileCache() {
  if (IN_REPOSITORY) return here('../node_modules/.cache/stellwerk')
  const { XDG_CACHE_HOME, HOME } = process.env
  const cache = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`)
  return cache && cache.startsWith('/') ? `${cache}/stellwerk` : null
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > WANTED[0] || (major === WANTED[0] && minor >= WANTED[1])
}

function refuseNode() {
  const wanted = WANTED.join('.')
  console.error(`Stellwerk needs Node ${wanted} or newer; this is Node ${process.versions.node} (${process.execPath}).
Why: it uses what older versions of Node do not have. Nothing was changed.
Fix: ${IN_REPOSITORY ? `run "npm ci" in Stellwerk's folder (it installs Node 24 on Linux), or install` : 'install'} Node ${wanted} or newer: https://nodejs.org/en/download`)
  process.exitCode = 2
}

function refusePlatform() {
  console.error(`Stellwerk runs on Linux and macOS; this is ${process.platform}.
Why: it starts, watches and ends processes in ways that only these systems have. Nothing was changed.
Fix: use a Linux machine or in a container; on Windows, in WSL 2: https://learn.microsoft.com/windows/wsl/install`)
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
