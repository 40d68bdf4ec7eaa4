import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

export type Instance = {
  readonly url: string
  readonly pid: number
  /** The lines it has logged so far. */
  readonly lines: readonly string[]
  /** Its exit code, once it has ended; null when a signal ended it. */
  readonly ended: Promise<number | null>
  signal(name: 'SIGTERM' | 'SIGKILL'): void
  /** Closes our end of its output, as happens when whoever started it dies. */
  stopReading(): void
}

/** Starts one build as Stellwerk's process platform would: `node server.js` in the build's folder. */
export async function startInstance(folder: string, databaseUrl: string, slot = 'green'): Promise<Instance> {
  const port = await freePort()
  const child = spawn(process.execPath, ['server.js'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      AUTH_SECRET: 'only-for-tests-0123456789-0123456789',
      STELLWERK_SERVICE: 'lokaltreu',
      STELLWERK_COMPONENT: 'api',
      STELLWERK_ENVIRONMENT: 'test',
      STELLWERK_SLOT: slot,
    },
  })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    pid: child.pid ?? 0,
    lines: collectLines(child),
    ended,
    signal: (name) => void child.kill(name),
    stopReading() {
      child.stdout.destroy()
      child.stderr.destroy()
    },
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function collectLines(child: ChildProcess): readonly string[] {
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop() ?? ''
      lines.push(...parts)
    })
  }
  return lines
}
