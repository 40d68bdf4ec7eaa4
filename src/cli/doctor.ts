import { say } from '../core/say.ts'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DoctorCheck } from '../composition/doctor-check.ts'
import type { DoctorTexts } from '../text/doctor.ts'
import { EXIT, StellwerkError } from '../errors.ts'
import { readControlPlaneFile } from './client/connection.ts'
import { getStatus } from './client/rollouts.ts'
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
  summary: say`Check this machine, the spec and the control plane, and say how to fix what is wrong`,
  takes: ['environment', 'service', 'file', 'json', 'server', 'data'],
  description: say`Exit code 0 when nothing is wrong, 1 otherwise.`,
  async run(shell) {
    const { globals, deps, screen } = shell
    const { doctor: texts } = shell.text
    const { dataFolder } = globals
    const options = { specFile: await specFile(shell), dataFolder, environment: shell.io.env, texts }
    const own = await Promise.all([tokenIsPrivate(dataFolder, texts), controlPlaneAnswers(shell)])
    const checks = [nodeVersion(texts), ...(await deps.doctorChecks(options)), ...own]
    for (const check of checks) screen.result(globals.json ? JSON.stringify(check) : checkText(check, shell))
    return checks.some(({ outcome }) => outcome === 'bad') ? EXIT.failed.code : EXIT.done.code
  },
})

function checkText({ name, outcome, detail, fix }: DoctorCheck, { screen, text: { doctor: texts } }: Shell): string {
  const [mark, style] = MARKS[outcome]
  const line = `${screen.paint(style, mark, 'stdout')} ${texts.names[name] ?? name}: ${detail}`
  return fix === null ? line : `${line}\n    ${texts.fix}: ${fix.replaceAll('\n', '\n    ')}`
}

function nodeVersion(texts: DoctorTexts): DoctorCheck {
  const { version, execPath } = process
  const isNew = Number(version.slice(1).split('.')[0]) >= 24
  const detail = `${version} (${execPath})`
  return {
    name: 'node',
    outcome: isNew ? 'ok' : 'bad',
    detail,
    fix: isNew ? null : texts.nodeOld,
  }
}

async function tokenIsPrivate(dataFolder: string, texts: DoctorTexts): Promise<DoctorCheck> {
  const file = join(dataFolder, 'local-token')
  const found = await stat(file).catch(() => null)
  if (found === null) return { name: 'local token', outcome: 'ok', detail: texts.noToken(dataFolder), fix: null }
  const isPrivate = (found.mode & 0o077) === 0
  const detail = isPrivate ? texts.tokenPrivate(file) : texts.tokenOpen(file)
  return { name: 'local token', outcome: isPrivate ? 'ok' : 'bad', detail, fix: isPrivate ? null : `chmod 600 ${file}` }
}

/** Before the first `up` there is nothing that could be broken. */
async function isNamed({ globals }: Shell): Promise<boolean> {
  return globals.server !== null || (await readControlPlaneFile(globals.dataFolder)) !== null
}

async function controlPlaneAnswers(shell: Shell): Promise<DoctorCheck> {
  const name = 'control plane'
  const { doctor: texts, tell } = shell.text
  if (!(await isNamed(shell))) return { name, outcome: 'warning', detail: texts.noControlPlane, fix: 'stellwerk up' }
  try {
    const environments = await getStatus(shell)
    const parts = environments.flatMap(({ serving }) => serving).filter(({ alarm }) => alarm !== null)
    const alarms = [...parts, ...environments.flatMap((there) => there.alarms)]
    const left = environments.flatMap(({ leftovers }) => leftovers.map(({ text }) => text))
    const detail = texts.answers(environments.length, alarms.length, left)
    if (alarms.length === 0 && left.length === 0) return { name, outcome: 'ok', detail, fix: null }
    return { name, outcome: 'warning', detail, fix: 'stellwerk status' }
  } catch (error) {
    if (!(error instanceof StellwerkError)) throw error
    const { what, why, fix } = error.text
    return { name, outcome: 'bad', detail: tell(say`${what}: ${why}`), fix: fix === null ? null : tell(fix) }
  }
}
