/** `stellwerk init`: a first stellwerk.yaml that reads and compiles as it is. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Answer } from '../engine/control-plane.ts'
import { initSpec } from '../stellwerk-yaml/init.ts'

export type InitOptions = { readonly folder: string; readonly service: string | null; readonly force: boolean }

const SPEC_FILE = 'stellwerk.yaml'

export async function initFolder({
  folder,
  service,
  force,
}: InitOptions): Promise<Answer<{ readonly written: readonly string[] }>> {
  const file = join(folder, SPEC_FILE)
  const text = initSpec({
    service: service ?? slugOf(basename(folder)),
    command: 'node server.js',
    listen: '127.0.0.1:8080',
    healthPaths: { live: '/health', ready: '/readiness' },
  })
  await mkdir(folder, { recursive: true })
  try {
    await writeFile(file, text, { flag: force ? 'w' : 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return { ok: false, kind: 'conflict', message: `${file} exists already; nothing was changed`, problems: [] }
  }
  return { ok: true, value: { written: [file, ...(await ignoreData(folder))] } }
}

/** The data folder holds keys and tokens: it must not end in a repository. */
async function ignoreData(folder: string): Promise<readonly string[]> {
  const file = join(folder, '.gitignore')
  const text = await readFile(file, 'utf8').catch(() => '')
  if (/^\.stellwerk\/?$/m.test(text)) return []
  await writeFile(file, `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}.stellwerk/\n`)
  return [file]
}

/** `My Service` → `my-service`; `service` when nothing usable is left. */
function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
  return slug === '' ? 'service' : slug.slice(0, 40).replace(/-$/, '')
}
