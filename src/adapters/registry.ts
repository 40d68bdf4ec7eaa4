/** Every adapter, one line each: the only file that knows them all. What `stellwerk.yaml` accepts follows from it. */
import { artifactPinned } from './gate/artifact-pinned/artifact-pinned.ts'
import { command as commandGate } from './gate/command/command.ts'
import { rollbackRehearsed } from './gate/rollback-rehearsed/rollback-rehearsed.ts'
import { stableRelease } from './gate/stable-release/stable-release.ts'
import { variables } from './gate/variables/variables.ts'
import { prometheus } from './metrics/prometheus/prometheus.ts'
import { routerMetrics } from './metrics/router/router.ts'
import { commandMigration } from './migration/command/command.ts'
import { githubDeployment } from './notifier/github-deployment/github-deployment.ts'
import { mattermost } from './notifier/mattermost/mattermost.ts'
import { pagerduty } from './notifier/pagerduty/pagerduty.ts'
import { slack } from './notifier/slack/slack.ts'
import { smtp } from './notifier/smtp/smtp.ts'
import { teams } from './notifier/teams/teams.ts'
import { webhook } from './notifier/webhook/webhook.ts'
import { processPlatform } from './platform/process/process.ts'
import { embeddedRouter } from './router/embedded/embedded.ts'
import { haproxy } from './router/haproxy/haproxy.ts'
import { env } from './secrets/env/env.ts'
import { file } from './secrets/file/file.ts'
import { httpSmoke } from './smoke/http/http.ts'

export const registry = {
  platforms: [processPlatform],
  routers: [embeddedRouter, haproxy],
  metrics: [routerMetrics, prometheus],
  gates: [artifactPinned, stableRelease, rollbackRehearsed, variables, commandGate],
  smoke: [httpSmoke],
  migrations: [commandMigration],
  secrets: [env, file],
  notifiers: [webhook, slack, pagerduty, smtp, teams, mattermost, githubDeployment],
} as const
