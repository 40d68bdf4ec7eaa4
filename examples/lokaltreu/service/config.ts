/** What the service is told from outside: Stellwerk's instance contract plus its own variables and secrets. */
export type Config = {
  readonly port: number
  readonly databaseUrl: string
  readonly authSecret: string
  readonly logLevel: LogLevel
  readonly service: string
  readonly component: string
  readonly environment: string
  /** The release this instance was started as; undefined when nobody said, then the compiled-in version speaks. */
  readonly version: string | undefined
  readonly slot: string
}

export type LogLevel = (typeof LOG_LEVELS)[number]
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const

type Environment = Readonly<Record<string, string | undefined>>

/** Reads every variable and returns all problems together, each naming the variable and never its value. */
export function readConfig(env: Environment): { readonly config: Config } | { readonly problems: readonly string[] } {
  const port = Number(env.PORT)
  const logLevel = LOG_LEVELS.find((level) => level === (env.LOG_LEVEL ?? 'info'))
  const problems = [
    ...(isPort(port) ? [] : ['PORT must be a port number (1-65535)']),
    ...(isPostgresUrl(env.DATABASE_URL) ? [] : ['DATABASE_URL must be a postgres:// URL']),
    ...(env.AUTH_SECRET ? [] : ['AUTH_SECRET must be set: it signs the tokens of the shops']),
    ...(logLevel ? [] : [`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`]),
  ]
  if (problems.length > 0 || !env.DATABASE_URL || !env.AUTH_SECRET || !logLevel) return { problems }
  return {
    config: {
      port,
      databaseUrl: env.DATABASE_URL,
      authSecret: env.AUTH_SECRET,
      logLevel,
      service: env.STELLWERK_SERVICE ?? 'lokaltreu',
      component: env.STELLWERK_COMPONENT ?? 'api',
      environment: env.STELLWERK_ENVIRONMENT ?? 'local',
      version: env.STELLWERK_VERSION,
      slot: env.STELLWERK_SLOT ?? 'none',
    },
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536
}

function isPostgresUrl(text: string | undefined): boolean {
  return text !== undefined && /^postgres(ql)?:\/\//.test(text) && URL.canParse(text)
}
