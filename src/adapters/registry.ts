/** Every adapter, one line each: the only file that knows them all. What `stellwerk.yaml` accepts follows from it. */
import { artifactPinned } from './gate/artifact-pinned.ts'
import { command as commandGate } from './gate/command.ts'
import { rollbackRehearsed } from './gate/rollback-rehearsed.ts'
import { stableRelease } from './gate/stable-release.ts'
import { variables } from './gate/variables.ts'
import { prometheus } from './metrics/prometheus.ts'
import { routerMetrics } from './metrics/router.ts'
import { webhook } from './notifier/webhook.ts'
import { processPlatform } from './platform/process.ts'
import { embeddedRouter } from './router/embedded.ts'
import { env } from './secrets/env.ts'
import { file } from './secrets/file.ts'

export const registry = {
  platforms: [processPlatform],
  routers: [embeddedRouter],
  metrics: [routerMetrics, prometheus],
  gates: [artifactPinned, stableRelease, rollbackRehearsed, variables, commandGate],
  secrets: [env, file],
  notifiers: [webhook],
} as const
