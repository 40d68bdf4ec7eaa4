/**
 * What every store keeps, asked of the one on PostgreSQL and of the one in memory alike. A deviation is a named skip with
 * its reason.
 */
import { logContract } from './store-contract-log.ts'
import { partsContract } from './store-contract-parts.ts'
import { rowsContract } from './store-contract-rows.ts'
import { tokensContract } from './store-contract-tokens.ts'
import { deliveriesContract } from './store-contract-deliveries.ts'
import { requestsContract } from './store-contract-requests.ts'
import { type Skip, type StoreHarness, suiteOf } from './store-suite.ts'

export function storeContract(name: string, open: () => Promise<StoreHarness>, skips: readonly Skip[] = []): void {
  suiteOf(`store contract, log: ${name}`, open, skips, logContract)
  suiteOf(`store contract, rows: ${name}`, open, skips, rowsContract)
  suiteOf(`store contract, parts: ${name}`, open, skips, partsContract)
  suiteOf(`store contract, tokens: ${name}`, open, skips, tokensContract)
  suiteOf(`store contract, requests: ${name}`, open, skips, requestsContract)
  suiteOf(`store contract, deliveries: ${name}`, open, skips, deliveriesContract)
}
