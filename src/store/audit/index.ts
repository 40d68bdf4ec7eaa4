/** What the control plane needs of the audit: sign, verify, export, prove. */
import { exportLog } from './export.ts'
import type { AuditKey } from './key.ts'
import type { VerifierKey } from './note.ts'
import { type InclusionProof, proveInclusion } from './proof.ts'
import { type AuditedStore, auditVerifierKey, databaseSource, signCheckpoint } from './source.ts'
import { type AuditReport, type VerifyOptions, verifyLog } from './verify.ts'

export interface Audit {
  /** What auditors are given, on another way than the log. */
  publicKey(): Promise<VerifierKey>
  /** Signs the log as it is now; null for an empty one. Call it at intervals, and keep a copy elsewhere. */
  sign(): Promise<string | null>
  verify(options?: VerifyOptions): Promise<AuditReport>
  /** Lines without their line ends; checked by `verifyLog(new ExportSource(lines), { publicKey })`. */
  exportLines(): AsyncIterable<string>
  prove(positions: readonly number[], size: number): Promise<readonly InclusionProof[]>
}

export function auditOf(store: AuditedStore, key: AuditKey): Audit {
  return {
    publicKey: () => auditVerifierKey(store, key),
    sign: () => signCheckpoint(store, key),
    verify: async (options) =>
      verifyLog(databaseSource(store), { publicKey: await auditVerifierKey(store, key), ...options }),
    exportLines: () => exportLog(store, key, () => signCheckpoint(store, key)),
    prove: (positions, size) => proveInclusion(store, positions, size),
  }
}
