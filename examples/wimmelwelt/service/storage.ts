/**
 * Where a collection or a bucket lies. MongoDB and S3 themselves are not part of the example: a folder, `file:///var/lib/…`,
 * stands in for both, and what the real drivers would be told is demanded all the same.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export function collection(uri: string, name: string): string {
  if (!uri.startsWith('file://')) {
    console.error('cannot start: MONGODB_URI must be a file: URL here, as MongoDB itself is no part of the example')
    process.exit(1)
  }
  return join(fileURLToPath(uri), `${name}.jsonl`)
}
