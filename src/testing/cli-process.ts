import { type ChildProcess, spawn } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Scope } from '../ports/identity.ts'
import { serveHttp, type HttpServer } from '../http/serve.ts'
import type { HttpOptions } from '../http/types.ts'
import { exampleArtifact } from './example-rollout.ts'
import { type TestApp, testApp } from './http-app.ts'
import { temporaryFolder } from './temporary-folder.ts'

const BIN = fileURLToPath(new URL('../../bin/stellwerk.mjs', import.meta.url))

const DEPLOY: readonly Scope[] = ['deploy']

export type CliRun = {
  readonly child: ChildProcess
  /** What has come so far. */
  stdout(): string
  stderr(): string
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>
}

export type CliOptions = {
  readonly cwd: string
  /** Undefined: this one is not set, whatever is otherwise. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Another `stellwerk.mjs` than the repository's. */
  readonly bin?: string
}

/**
 * Runs `stellwerk` as a real process without a terminal. Nothing of the caller's environment reaches it but PATH, and where
 * Node keeps what it has compiled: only time hangs on that.
 */
export function startCli(args: readonly string[], { cwd, env = {}, bin = BIN }: CliOptions): CliRun {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC', ...compileCache(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
    })
  }
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...texts }))
  })
  return { child, stdout: () => texts.stdout, stderr: () => texts.stderr, ended }
}

function compileCache(): Readonly<Record<string, string>> {
  const folder = process.env['NODE_COMPILE_CACHE']
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder }
}

export type CliWorld = TestApp & {
  readonly url: string
  readonly folder: string
  /** Runs a verb with a token of these scopes and waits for its end. */
  cli(
    args: readonly string[],
    options?: { readonly scopes?: readonly Scope[]; readonly env?: Readonly<Record<string, string>> },
  ): Promise<Awaited<CliRun['ended']>>
  /** Starts a verb and does not wait. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliRun>
  /** Ends the HTTP server as a crash would; `whileDown`; starts it again at the same address. */
  restart(whileDown: () => Promise<unknown>): Promise<void>
  stop(): Promise<void>
}

/** A fake control plane behind a real HTTP server, and a folder with a spec and a pinned artifact to call it from. */
export async function startCliWorld(options: Partial<HttpOptions> = {}): Promise<CliWorld> {
  const test = testApp({ limits: { heartbeatMs: 200 }, ...options })
  const folder = await temporaryFolder('cli')
  await writeFile(join(folder, 'stellwerk.yaml'), 'service: shop\n')
  await writeFile(join(folder, 'artifact.json'), JSON.stringify(exampleArtifact()))
  let server: HttpServer = await serveHttp(test.app, { port: 0 })
  const { url } = server
  const env = async (scopes: readonly Scope[]) => ({ STELLWERK_URL: url, STELLWERK_TOKEN: await test.token(scopes) })
  return {
    ...test,
    url,
    folder,
    async cli(args, { scopes = DEPLOY, env: more = {} } = {}) {
      return await startCli(args, { cwd: folder, env: { ...(await env(scopes)), ...more } }).ended
    },
    async start(args, more = {}) {
      return startCli(args, { cwd: folder, env: { ...(await env(DEPLOY)), ...more } })
    },
    async restart(whileDown) {
      await server.close(0)
      await whileDown()
      server = await serveHttp(test.app, { port: Number(new URL(url).port) })
    },
    async stop() {
      await server.close(0)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
