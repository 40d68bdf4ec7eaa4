/**
 * Where the parts of Stellwerk are put together for the command line. Nothing heavy is imported here: each dependency is
 * loaded by the verb that first needs it, so that `--version` and `--help` answer at once.
 */
import type { Deps } from './cli/deps.ts'
import { readVersion } from './version.ts'

export async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === '--version' || argv[0] === '-V') {
    process.stdout.write(`${readVersion()}\n`)
    return 0
  }
  const [{ runCli }, { processIo }] = await Promise.all([import('./cli/run.ts'), import('./cli/io.ts')])
  return await runCli(argv, processIo(), deps)
}

/** Each part is loaded by the verb that first needs it. */
const deps: Deps = {
  readSpec: async (file) => (await parts()).readSpec(file),
  compile: async (request) => (await parts()).compileRequest(request),
  takeOver: async (path, dataFolder) => (await parts()).takeOver(path, dataFolder),
  seeImage: async (ref, platforms, environment) =>
    (await import('./composition/image.ts')).seeImage(ref, platforms, environment),
  digestNow: async (component, dataFolder) => (await parts()).digestNow(component, dataFolder),
  initSpec: async (options) => (await import('./composition/init.ts')).initFolder(options),
  doctorChecks: async (options) => (await import('./composition/doctor.ts')).doctorChecks(options),
  rebuildTables: async (options) => (await import('./composition/rebuild.ts')).rebuildTables(options),
  startControlPlane: async (options) => (await import('./composition/start.ts')).startControlPlane(options),
  prometheusCounts: async (counts, environment) =>
    (await import('./composition/judge-counts.ts')).prometheusCounts(counts, environment),
  verifyExport: async (lines, brought) => (await import('./composition/audit.ts')).verifyExport(lines, brought),
}

function parts() {
  return import('./composition/deps.ts')
}
