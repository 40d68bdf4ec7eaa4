import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where a spec may stand, in this order. */
export const SPEC_FILES = ['stellwerk.yaml', 'config/stellwerk.yaml'] as const

export type FoundSpec =
  | { readonly ok: true; readonly file: string; readonly text: Uint8Array }
  | { readonly ok: false; readonly message: string }

/** The spec of the folder `folder`. Bytes, so that a wrong encoding is seen by whoever reads them. */
export async function findSpec(folder: string): Promise<FoundSpec> {
  for (const file of SPEC_FILES) {
    try {
      return { ok: true, file, text: await readFile(join(folder, file)) }
    } catch (error) {
      const { code } = error as { readonly code?: string }
      if (code !== 'ENOENT' && code !== 'ENOTDIR')
        return { ok: false, message: `${file} cannot be read (${code ?? 'unknown error'})` }
    }
  }
  return {
    ok: false,
    message: `there is no ${SPEC_FILES.join(' or ')} in ${folder}; run \`stellwerk init\` to begin with one`,
  }
}
