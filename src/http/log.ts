/** What the HTTP API writes; a pino logger is one. Messages are constant, data stands beside them. */
export type Log = {
  info(data: object, message: string): void
  warn(data: object, message: string): void
  error(data: object, message: string): void
}
