import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EXIT, StellwerkError } from '../errors.ts'
import { readControlPlaneFile } from './client/connection.ts'
import { getStatus } from './client/rollouts.ts'
import type { DoctorCheck } from './deps.ts'
import type { Style } from './screen/screen.ts'
import { specFile } from './spec-file.ts'
import { defineVerb, type Shell } from './verb.ts'

const MARKS: Readonly<Record<DoctorCheck['outcome'], readonly [mark: string, style: Style]>> = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  bad: ['✗', 'red'],
}

export const doctor = defineVerb({
  name: 'doctor',
  summary: 'Check this machine, the spec and the control plane, and say how to mend what is wrong',
  takes: ['environment', 'service', 'file', 'json', 'server', 'data'],
  description: 'Exit code 0 when nothing is bad, 1 otherwise.',
  async run(shell) {
    const { globals, deps, screen } = shell
    const options = { specFile: await specFile(shell), dataFolder: globals.dataFolder }
    const own = await Promise.all([tokenIsPrivate(globals.dataFolder), controlPlaneAnswers(shell)])
    const checks = [nodeVersion(), ...(await deps.doctorChecks(options)), ...own]
    for (const check of checks) screen.result(globals.json ? JSON.stringify(check) : checkText(check, shell))
    return checks.some(({ outcome }) => outcome === 'bad') ? EXIT.failed.code : EXIT.done.code
  },
})

function checkText({ name, outcome, detail, fix }: DoctorCheck, { screen }: Shell): string {
  const [mark, style] = MARKS[outcome]
  const line = `${screen.paint(style, mark, 'stdout')} ${name}: ${detail}`
  return fix === null ? line : `${line}\n    Fix: ${fix}`
}

function nodeVersion(): DoctorCheck {
  const { version, execPath } = process
  const isNew = Number(version.slice(1).split('.')[0]) >= 24
  const detail = `${version} (${execPath})`
  return {
    name: 'node',
    outcome: isNew ? 'ok' : 'bad',
    detail,
    fix: isNew ? null : 'run "npm ci" in the folder of Stellwerk',
  }
}

async function tokenIsPrivate(dataFolder: string): Promise<DoctorCheck> {
  const file = join(dataFolder, 'local-token')
  const found = await stat(file).catch(() => null)
  if (found === null) return { name: 'local token', outcome: 'ok', detail: `none in ${dataFolder}`, fix: null }
  const isPrivate = (found.mode & 0o077) === 0
  const detail = isPrivate ? `${file}, for you only` : `${file} can be read by others`
  return { name: 'local token', outcome: isPrivate ? 'ok' : 'bad', detail, fix: isPrivate ? null : `chmod 600 ${file}` }
}

/** Before the first `up` there is nothing that could be broken. */
async function isNamed({ globals }: Shell): Promise<boolean> {
  return globals.server !== null || (await readControlPlaneFile(globals.dataFolder)) !== null
}

async function controlPlaneAnswers(shell: Shell): Promise<DoctorCheck> {
  const name = 'control plane'
  if (!(await isNamed(shell)))
    return { name, outcome: 'warning', detail: 'none runs here, and STELLWERK_URL names none', fix: 'stellwerk up' }
  try {
    const environments = await getStatus(shell)
    const parts = environments.flatMap(({ serving }) => serving).filter(({ alarm }) => alarm !== null)
    const alarms = [...parts, ...environments.flatMap((there) => there.alarms)]
    const left = environments.flatMap(({ leftovers }) => leftovers.map(({ text }) => text))
    const said = left.length === 0 ? '' : `, left over: ${left.join('; ')}`
    const detail = `answers; environments: ${environments.length}, alarms: ${alarms.length}${said}`
    if (alarms.length === 0 && left.length === 0) return { name, outcome: 'ok', detail, fix: null }
    return { name, outcome: 'warning', detail, fix: 'stellwerk status' }
  } catch (error) {
    if (!(error instanceof StellwerkError)) throw error
    const { what, why, fix } = error.text
    return { name, outcome: 'bad', detail: `${what}: ${why}`, fix }
  }
}
