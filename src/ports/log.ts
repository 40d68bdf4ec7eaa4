/** What goes wrong, and what is done, for those who run it: messages are constant, data stands beside them without secrets. */
export interface Log {
  readonly info: Say
  readonly warn: Say
  readonly error: Say
}

/** `err` in the data: an error with its stack. */
type Say = (message: string, data?: Readonly<Record<string, unknown>>) => void

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
